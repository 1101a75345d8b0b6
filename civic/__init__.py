"""civic: software with which a dispersed people governs itself."""
