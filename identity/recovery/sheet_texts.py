"""The recovery sheet's own sentences in every language in which a sheet can be printed.

A sheet is read years later, perhaps by somebody's relatives, so its words stand here together and
not in a catalogue that may lag behind. All languages have all sentences.
"""

from typing import Final

import msgspec


class SheetTexts(msgspec.Struct, frozen=True):
    """Every sentence of a sheet in one language."""

    language: str
    """What the language calls itself."""
    title: str
    purpose: str
    keep: str
    never_asked: str
    name: str
    address: str
    made: str
    codes: str
    codes_note: str
    seed: str
    seed_note: str
    seed_needs_script: str
    seed_locked: str
    voting: str
    replaces: str


SHEET_TEXTS: Final[dict[str, SheetTexts]] = {
    "en": SheetTexts(
        language="English",
        title="Recovery sheet",
        purpose="If you lose every way to sign in, this sheet brings your account back.",
        keep=(
            "Keep it on paper, where you keep your documents, and not beside your phone. Whoever "
            "holds it can enter your account. Do not photograph it."
        ),
        never_asked="Nobody from your chapter or from the node will ever ask you for it.",
        name="Sign-in name",
        address="Where to type a code",
        made="Made in",
        codes="Codes",
        codes_note="Each code works once. Cross it out when you have used it.",
        seed="Seed of your member keys",
        seed_note=(
            "By it every node knows you as the same member, even if this one is gone. Type it only "
            "into your own browser."
        ),
        seed_needs_script=(
            "Member keys need JavaScript. This sheet was made without it and has no seed: it "
            "brings your account back, but not your member keys."
        ),
        seed_locked=(
            "Your member keys are not open in this browser, so their seed is missing here. Sign in "
            "anew in this browser, then make the sheet again."
        ),
        voting="It brings back your account, never a voting credential.",
        replaces="A new sheet makes this one worthless.",
    ),
    "be": SheetTexts(
        language="Беларуская",
        title="Аркуш аднаўлення",
        purpose="Калі вы страціце ўсе спосабы ўваходу, гэты аркуш верне вам акаўнт.",
        keep=(
            "Захоўвайце яго на паперы, там, дзе і дакументы, а не побач з тэлефонам. Хто мае яго, "
            "той можа ўвайсці ў ваш акаўнт. Не фатаграфуйце яго."
        ),
        never_asked="Ніхто з вашай суполкі ці з вузла ніколі не папросіць яго ў вас.",
        name="Імя для ўваходу",
        address="Дзе ўводзіць код",
        made="Калі зроблены",
        codes="Коды",
        codes_note="Кожны код дзейнічае адзін раз. Выкарысталі — закрэсліце.",
        seed="Зерне вашых ключоў сябра",
        seed_note=(
            "Па ім кожны вузел пазнае ў вас таго самага сябра, нават калі гэтага вузла ўжо няма. "
            "Уводзьце яго толькі ва ўласным браўзеры."
        ),
        seed_needs_script=(
            "Ключам сябра патрэбны JavaScript. Гэты аркуш зроблены без яго і зерня не мае: ён "
            "верне акаўнт, але не ключы сябра."
        ),
        seed_locked=(
            "Ключы сябра не адкрытыя ў гэтым браўзеры, таму зерня тут няма. Увайдзіце ў гэтым "
            "браўзеры нанова і зрабіце аркуш яшчэ раз."
        ),
        voting="Ён вяртае акаўнт, але ніколі — права аддаць тайны голас.",
        replaces="Новы аркуш робіць гэты несапраўдным.",
    ),
    "be-tarask": SheetTexts(
        language="Беларуская (тарашкевіца)",
        title="Аркуш аднаўленьня",
        purpose="Калі вы згубіце ўсе спосабы ўваходу, гэты аркуш верне вам акаўнт.",
        keep=(
            "Захоўвайце яго на паперы, там, дзе й дакумэнты, а ня побач з тэлефонам. Хто мае яго, "
            "той можа ўвайсьці ў ваш акаўнт. Не фатаграфуйце яго."
        ),
        never_asked="Ніхто з вашай суполкі ці з вузла ніколі не папросіць яго ў вас.",
        name="Імя для ўваходу",
        address="Дзе ўводзіць код",
        made="Калі зроблены",
        codes="Коды",
        codes_note="Кожны код дзейнічае адзін раз. Скарысталі — закрэсьліце.",
        seed="Зерне вашых ключоў сябра",
        seed_note=(
            "Паводле яго кожны вузел пазнае ў вас таго самага сябра, нават калі гэтага вузла ўжо "
            "няма. Уводзьце яго толькі ва ўласным браўзэры."
        ),
        seed_needs_script=(
            "Ключам сябра патрэбны JavaScript. Гэты аркуш зроблены бяз яго і зерня ня мае: ён "
            "верне акаўнт, але не ключы сябра."
        ),
        seed_locked=(
            "Ключы сябра не адкрытыя ў гэтым браўзэры, таму зерня тут няма. Увайдзіце ў гэтым "
            "браўзэры нанова і зрабіце аркуш яшчэ раз."
        ),
        voting="Ён вяртае акаўнт, але ніколі — права аддаць тайны голас.",
        replaces="Новы аркуш робіць гэты несапраўдным.",
    ),
    "ru": SheetTexts(
        language="Русский",
        title="Лист восстановления",
        purpose="Если вы потеряете все способы входа, этот лист вернёт вам учётную запись.",
        keep=(
            "Храните его на бумаге, там же, где документы, а не рядом с телефоном. У кого он есть, "
            "тот может войти в вашу учётную запись. Не фотографируйте его."
        ),
        never_asked="Никто из вашего отделения или с узла никогда не попросит его у вас.",
        name="Имя для входа",
        address="Где ввести код",
        made="Сделан в",
        codes="Коды",
        codes_note="Каждый код действует один раз. Использовали — зачеркните.",
        seed="Зерно ваших ключей участника",
        seed_note=(
            "По нему любой узел узнает в вас того же участника, даже если этого узла уже нет. "
            "Вводите его только в собственном браузере."
        ),
        seed_needs_script=(
            "Ключам участника нужен JavaScript. Этот лист сделан без него, и зерна на нём нет: он "
            "вернёт учётную запись, но не ключи участника."
        ),
        seed_locked=(
            "Ключи участника не открыты в этом браузере, поэтому зерна здесь нет. Войдите в этом "
            "браузере заново и сделайте лист ещё раз."
        ),
        voting="Он возвращает учётную запись, но никогда не право голоса в отдельном голосовании.",
        replaces="Новый лист делает этот недействительным.",
    ),
    "uk": SheetTexts(
        language="Українська",
        title="Аркуш відновлення",
        purpose="Якщо ви втратите всі способи входу, цей аркуш поверне вам обліковий запис.",
        keep=(
            "Зберігайте його на папері, там, де й документи, а не поруч із телефоном. Хто має "
            "його, той може увійти до вашого облікового запису. Не фотографуйте його."
        ),
        never_asked="Ніхто з вашого осередку чи з вузла ніколи не попросить його у вас.",
        name="Ім'я для входу",
        address="Де ввести код",
        made="Зроблено в",
        codes="Коди",
        codes_note="Кожен код діє один раз. Використали — закресліть.",
        seed="Зерно ваших ключів учасника",
        seed_note=(
            "За ним кожен вузол упізнає у вас того самого учасника, навіть якщо цього вузла вже "
            "немає. Вводьте його лише у власному браузері."
        ),
        seed_needs_script=(
            "Ключам учасника потрібен JavaScript. Цей аркуш зроблено без нього, і зерна на ньому "
            "немає: він поверне обліковий запис, але не ключі учасника."
        ),
        seed_locked=(
            "Ключі учасника не відкриті в цьому браузері, тому зерна тут немає. Увійдіть у цьому "
            "браузері знову й зробіть аркуш ще раз."
        ),
        voting="Він повертає обліковий запис, але ніколи не право голосу в окремому голосуванні.",
        replaces="Новий аркуш робить цей недійсним.",
    ),
    "pl": SheetTexts(
        language="Polski",
        title="Arkusz odzyskiwania",
        purpose="Jeśli stracisz wszystkie sposoby logowania, ten arkusz przywróci Ci konto.",
        keep=(
            "Przechowuj go na papierze, tam gdzie dokumenty, a nie obok telefonu. Kto go ma, może "
            "wejść na Twoje konto. Nie fotografuj go."
        ),
        never_asked="Nikt z Twojego oddziału ani z węzła nigdy Cię o niego nie poprosi.",
        name="Nazwa do logowania",
        address="Gdzie wpisać kod",
        made="Sporządzono w",
        codes="Kody",
        codes_note="Każdy kod działa raz. Po użyciu przekreśl go.",
        seed="Ziarno Twoich kluczy członkowskich",
        seed_note=(
            "Po nim każdy węzeł rozpozna w Tobie tego samego członka, nawet gdy tego węzła już nie "
            "ma. Wpisuj je tylko we własnej przeglądarce."
        ),
        seed_needs_script=(
            "Klucze członkowskie wymagają JavaScriptu. Ten arkusz powstał bez niego i nie ma "
            "ziarna: przywróci konto, ale nie klucze członkowskie."
        ),
        seed_locked=(
            "Klucze członkowskie nie są otwarte w tej przeglądarce, dlatego brakuje tu ziarna. "
            "Zaloguj się w niej ponownie i sporządź arkusz jeszcze raz."
        ),
        voting="Przywraca konto, nigdy zaś uprawnienie do oddania głosu w głosowaniu.",
        replaces="Nowy arkusz unieważnia ten.",
    ),
    "lt": SheetTexts(
        language="Lietuvių",
        title="Atkūrimo lapas",
        purpose="Jei prarasite visus prisijungimo būdus, šis lapas grąžins jums paskyrą.",
        keep=(
            "Laikykite jį popieriuje, ten, kur ir dokumentus, o ne šalia telefono. Kas jį turi, "
            "tas gali patekti į jūsų paskyrą. Nefotografuokite jo."
        ),
        never_asked="Niekas iš jūsų skyriaus ar mazgo niekada jo iš jūsų neprašys.",
        name="Prisijungimo vardas",
        address="Kur įvesti kodą",
        made="Sudaryta",
        codes="Kodai",
        codes_note="Kiekvienas kodas veikia vieną kartą. Panaudoję jį išbraukite.",
        seed="Jūsų nario raktų sėkla",
        seed_note=(
            "Pagal ją kiekvienas mazgas atpažins jus kaip tą patį narį, net jei šio mazgo nebėra. "
            "Įveskite ją tik savo naršyklėje."
        ),
        seed_needs_script=(
            "Nario raktams reikia JavaScript. Šis lapas sudarytas be jo ir sėklos neturi: jis "
            "grąžins paskyrą, bet ne nario raktus."
        ),
        seed_locked=(
            "Nario raktai šioje naršyklėje neatverti, todėl sėklos čia nėra. Prisijunkite šioje "
            "naršyklėje iš naujo ir sudarykite lapą dar kartą."
        ),
        voting="Jis grąžina paskyrą, bet niekada ne teisę balsuoti konkrečiame balsavime.",
        replaces="Naujas lapas panaikina šį.",
    ),
    "de": SheetTexts(
        language="Deutsch",
        title="Wiederherstellungsblatt",
        purpose="Wenn Sie sich auf keine Weise mehr anmelden können, bringt es Ihr Konto zurück.",
        keep=(
            "Bewahren Sie es auf Papier auf, bei Ihren Dokumenten und nicht neben dem Telefon. Wer "
            "es hat, kommt in Ihr Konto. Fotografieren Sie es nicht."
        ),
        never_asked="Niemand aus Ihrer Gruppe oder vom Knoten wird Sie je danach fragen.",
        name="Anmeldename",
        address="Wo ein Code eingegeben wird",
        made="Erstellt im Monat",
        codes="Codes",
        codes_note="Jeder Code gilt einmal. Streichen Sie ihn danach durch.",
        seed="Keim Ihrer Mitgliedsschlüssel",
        seed_note=(
            "An ihm erkennt jeder Knoten Sie als dasselbe Mitglied, auch wenn es diesen nicht mehr "
            "gibt. Geben Sie ihn nur in Ihren eigenen Browser ein."
        ),
        seed_needs_script=(
            "Mitgliedsschlüssel brauchen JavaScript. Dieses Blatt entstand ohne und hat keinen "
            "Keim: Es bringt das Konto zurück, nicht aber die Mitgliedsschlüssel."
        ),
        seed_locked=(
            "Die Mitgliedsschlüssel sind in diesem Browser nicht offen, darum fehlt hier ihr Keim. "
            "Melden Sie sich hier neu an und erstellen Sie das Blatt noch einmal."
        ),
        voting="Es bringt das Konto zurück, nie eine Stimmberechtigung.",
        replaces="Ein neues Blatt macht dieses wertlos.",
    ),
}
"""By language tag (BCP 47), in the order in which people choose among them."""
