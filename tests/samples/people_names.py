"""Invented people's names in three parts: two to look at while the rules are made, one only to check them with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NameLists:
    """Names of one part: given names with short forms ("Александр Саша"), fathers' names, surnames by language."""

    male: tuple[str, ...]
    female: tuple[str, ...]
    fathers: tuple[tuple[str, str], ...]
    surnames: tuple[str, ...]
    english_male: tuple[str, ...]
    english_female: tuple[str, ...]
    english_surnames: tuple[str, ...]
    norwegian_male: tuple[str, ...]
    norwegian_female: tuple[str, ...]
    norwegian_surnames: tuple[str, ...]
    companies: tuple[tuple[str, str], ...]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split(",") if line.strip())


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((line.split("/")[0], line.split("/")[1]) for line in _lines(text))


DEVELOPMENT = NameLists(
    male=_lines(
        "Александр Саша, Алексей Лёша, Дмитрий Дима, Сергей Серёжа, Иван Ваня, Михаил Миша, Николай Коля, "
        "Андрей Андрюша, Павел Паша, Юрий Юра, Евгений Женя, Владимир Володя, Олег, Игорь, Константин Костя, "
        "Максим Макс"
    ),
    female=_lines(
        "Анна Аня, Мария Маша, Елена Лена, Ольга Оля, Наталья Наташа, Екатерина Катя, Татьяна Таня, Юлия Юля, "
        "Ирина Ира, Светлана Света, Евгения Женя, Александра Саша, Дарья Даша, Ксения Ксюша, Людмила Люда, Марина"
    ),
    fathers=_pairs(
        "Иванович/Ивановна, Петрович/Петровна, Сергеевич/Сергеевна, Алексеевич/Алексеевна, Николаевич/Николаевна, "
        "Ильич/Ильинична, Юрьевич/Юрьевна, Михайлович/Михайловна"
    ),
    surnames=_lines(
        "Иванов, Петров, Сидоров, Кузнецов, Смирнов, Белов, Щукин, Цветков, Хабаров, Жуков, Соловьёв, Шишкин, Яковлев, "
        "Юрьев, Чайковский, Достоевский, Шевченко, Мельник, Григорян, Воробьёв, Зайцев, Королёв, Гусев, Тихонов"
    ),
    english_male=_lines("William Bill, Robert Bob, James Jim, Michael Mike, Thomas Tom, Edward Ted, Richard Dick"),
    english_female=_lines("Elizabeth Liz, Margaret Peggy, Katherine Kate, Susan Sue, Jennifer Jen, Patricia Pat"),
    english_surnames=_lines("Smith, Taylor, Brown, Walker, Hughes, Bennett, Fletcher, Marsh, Collins, Harper"),
    norwegian_male=_lines("Bjørn, Øyvind, Lars, Kåre, Håkon, Ola"),
    norwegian_female=_lines("Kari, Ingrid, Åse, Solveig, Marit, Synnøve"),
    norwegian_surnames=_lines("Hansen, Nordmann, Bakken, Lie, Sørensen, Haugen, Dahl"),
    companies=_pairs(
        "Лесной Двор/lesdvor, Ромашка/romashka, Северный Мост/sevmost, Тепло и Свет/teplosvet, Вектор/vector-spb, "
        "Nordic Parts/nordicparts, Blue Harbour/blueharbour"
    ),
)
HELD_OUT = NameLists(
    male=_lines(
        "Анатолий Толя, Борис Боря, Вадим Вадик, Виктор Витя, Виталий Виталик, Вячеслав Слава, Геннадий Гена, "
        "Григорий Гриша, Денис, Кирилл, Леонид Лёня, Никита, Роман Рома, Станислав Стас, Тимофей Тима, Фёдор Федя, "
        "Эдуард Эдик, Яков Яша, Ярополк, Добрыня, Ким, Расул"
    ),
    female=_lines(
        "Алла, Валентина Валя, Вера, Галина Галя, Жанна, Зоя, Инна, Лариса Лара, Любовь Люба, Маргарита Рита, "
        "Надежда Надя, Нина, Полина Поля, Софья Соня, Тамара Тома, Ульяна Уля, Элла, Яна, Анастасия Настя, "
        "Мелания, Забава, Фатима"
    ),
    fathers=_pairs(
        "Антонович/Антоновна, Борисович/Борисовна, Викторович/Викторовна, Григорьевич/Григорьевна, "
        "Кузьмич/Кузьминична, Львович/Львовна, Олегович/Олеговна, Яковлевич/Яковлевна"
    ),
    surnames=_lines(
        "Абросимов, Быков, Вишневский, Гончаренко, Дьячков, Ершов, Желтухин, Зюзин, Исаев, Ковальчук, Лыткин, "
        "Мартиросян, Никифоров, Орехов, Пыжов, Рябушкин, Стоцкий, Тюрин, Уваров, Филиппов, Хромых, Цой, Чижов, "
        "Шульц, Щеглов, Эткин, Юдин, Ящук, Бек, Абрамович"
    ),
    english_male=_lines(
        "Anthony Tony, Andrew Drew, Christopher Chris, Frederick Fred, Benedict, Percival, Gregory Greg"
    ),
    english_female=_lines(
        "Deborah Debbie, Victoria Vicky, Rebecca Becky, Samantha Sam, Imogen, Philippa, Abigail Abby"
    ),
    english_surnames=_lines("Whitfield, O'Brien, Thornton, Pemberton, McKay, Ashworth, Grey, Lindqvist, Okafor, Day"),
    norwegian_male=_lines("Trygve, Asbjørn, Sindre, Torleif, Jørgen, Brede"),
    norwegian_female=_lines("Ragnhild, Turid, Bodil, Eldbjørg, Liv, Gunnhild"),
    norwegian_surnames=_lines("Østby, Ødegård, Myhre, Aas, Kvåle, Strand, Brekke, Moen"),
    companies=_pairs(
        "Гранит Плюс/granitplus, Айсберг/iceberg-msk, Завод Полимер/polymer, Красный Яр/kryar, Мастер Дом/masterdom, "
        "Fjord Service/fjordservice, Quiet Lane/quietlane"
    ),
)
LOOKED_AT_LAST = NameLists(
    male=_lines(
        "Артём Тёма, Антон Тоша, Валерий Валера, Георгий Жора, Даниил Даня, Егор, Захар, Илья Илюша, Лев Лёва, "
        "Матвей, Пётр Петя, Руслан, Семён Сёма, Степан Стёпа, Тарас, Филипп, Василий Вася, Рустам, Арсен, "
        "Всеволод Сева, Светозар, Ибрагим"
    ),
    female=_lines(
        "Алёна, Алиса, Анжелика, Арина, Вероника Ника, Виктория Вика, Дина, Елизавета Лиза, Зинаида Зина, "
        "Кристина, Лидия Лида, Майя, Нелли, Оксана, Раиса Рая, Регина, Таисия Тася, Эльвира Эля, Гульнара Гуля, "
        "Антонина Тоня, Злата, Рогнеда, Патимат"
    ),
    fathers=_pairs(
        "Андреевич/Андреевна, Васильевич/Васильевна, Дмитриевич/Дмитриевна, Егорович/Егоровна, Фёдорович/Фёдоровна, "
        "Павлович/Павловна, Степанович/Степановна, Лукич/Лукинична, Рустамович/Рустамовна"
    ),
    surnames=_lines(
        "Авдеев, Баранов, Вольский, Герасимов, Дорошенко, Евсеев, Журавлёв, Золотарёв, Ильин, Калашник, Лопухов, "
        "Маслов, Нечаев, Осипов, Пономарёв, Рожков, Сафин, Трофимов, Усольцев, Фомичёв, Холодных, Цыганков, "
        "Чернявский, Шаповал, Щербаков, Эльдаров, Юшков, Ягудин, Саркисян, Гоголадзе, Ли, Штерн"
    ),
    english_male=_lines(
        "Benjamin Ben, Daniel Dan, Samuel Sam, Joseph Joe, Alexander Alex, Duncan, Rupert, Nicholas Nick"
    ),
    english_female=_lines("Catherine Cathy, Pamela Pam, Barbara Barb, Jessica Jess, Charlotte, Harriet, Bridget"),
    english_surnames=_lines("Cooper, Hargreaves, MacDonald, Ellis, Whitaker, Novak, Fox, Sinclair, Pritchard, Yates"),
    norwegian_male=_lines("Magnus, Erlend, Sverre, Arne, Eirik, Terje, Vidar"),
    norwegian_female=_lines("Astrid, Hilde, Sigrid, Randi, Tove, Unni, Vigdis"),
    norwegian_surnames=_lines("Johansen, Lund, Solberg, Bråten, Eide, Fossum, Sæther, Nygård"),
    companies=_pairs(
        "Северная Звезда/nordstar, Кедр/kedr-nsk, Стройбаза/stroybaza, Белый Камень/belkamen, Окна и Двери/oknadveri, "
        "Solvik Partner/solvik, Green Meadow/greenmeadow"
    ),
)
