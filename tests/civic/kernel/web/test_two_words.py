from civic.kernel.web.two_words import ADJECTIVES, NOUNS, two_word_name


def test_the_lists_are_whole() -> None:
    for words in (ADJECTIVES, NOUNS):
        assert len(words) == len(set(words)) == 256
        assert all(word.isascii() and word.islower() for word in words)
    assert not set(ADJECTIVES) & set(NOUNS)


def test_names_are_stable() -> None:
    assert two_word_name("civic") == NAME_OF_CIVIC
    assert two_word_name("a") != two_word_name("b")


NAME_OF_CIVIC = "Learned pigeon"
