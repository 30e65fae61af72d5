"""The lists behind given_names: gender, full form, other forms; names are parted by semicolons."""

from __future__ import annotations

RUSSIAN = """

m Александр Саша Саня Сашка Шура Санек Сашенька Саныч Сан Алекс Alexander Alex Aleksander Alexandre Олександр Alexandr;
f Александра Саша Саня Шура Сашенька Alexandra Aleksandra Sandra Олександра;
m Алексей Лёша Леша Лёха Алёша Алекс Alexei Alex Алексий Олексий; m Анатолий Толя Толик Анатоль;
m Андрей Андрюша Дрон Andrew Андрий Андрюха; m Антон Тоша Антоша Антоха; m Аркадий Аркаша;
m Арсений Сеня Арсен Арсентий; m Артём Тёма Артемий Тема; m Артур Arthur; m Богдан Бодя; m Борис Боря;
m Вадим Вадик Дима; m Валентин Валя Валик; f Валентина Валя Валюша; m Валерий Валера; f Валерия Лера Валера Valeria;
m Василий Вася Васька Vasil Василь; f Василиса Вася; m Вениамин Веня Benjamin; m Виктор Витя Витек Victor;
f Виктория Вика Victoria; m Виталий Виталик Виталя; m Владимир Володя Вова Вован Вовчик Vladimir Володимир;
m Владислав Влад Славик Слава; f Владислава Влада Слава; m Всеволод Сева; m Вячеслав Слава Славик; m Геннадий Гена;
m Георгий Гоша Жора Гога George; m Герман Гера; m Глеб; m Григорий Гриша Gregory; m Давид Дава David;
m Даниил Данила Данил Даня Daniel Данило; m Демьян Дема; m Денис Дэн Дениска Dennis;
m Дмитрий Дима Митя Димон Димка Дмитро; m Евгений Женя Жека Eugene Yevgeny; f Евгения Женя Eugenia;
m Егор Егорка Egor; m Ефим Фима; m Захар; m Иван Ваня Ванька Ванюша Иванко; m Игнат Игнатий;
m Игорь Гарик Игорек; m Илья Илюша Ильюха; m Иосиф Осип Joseph; m Камиль; m Карим; m Кирилл Кира Киря Кирюша Cyril;
f Кира; m Константин Костя Костик Constantine Constantin; m Лев Лёва Лева Leo; m Леонид Лёня Леня; m Макар;
m Максим Макс Максимка Maxim Maksym; m Марат; m Марк Mark Marc; m Матвей Матюша Мотя; m Мирон;
m Михаил Миша Мишка Михайло Michael Mikhail Михайл; m Мурат; m Никита Ник Никитос;
m Николай Коля Колян Николаша Nicholas Nick Микола; m Олег Олежка Алик; m Павел Паша Пашка Павлик Paul;
m Пётр Петя Петр Peter Петро; m Платон; m Прохор; m Радик; m Рамиль; m Ринат; m Равиль; m Роберт Robert;
m Родион Родя; m Роман Рома Ромка; m Ростислав Ростик Слава; m Руслан Рус Русик; m Савелий Сава; m Самуил Samuel;
m Святослав Слава Свят; m Семён Сёма Сема Simon Симон; m Сергей Серёжа Серж Серега Сережа Серый Serge Сергий;
m Станислав Стас Стасик Слава; f Станислава Стася; m Степан Стёпа Stephan; m Тарас; m Тимофей Тима Тимоша Timothy;
m Тимур Тима Тимка; m Тихон Тиша; m Фёдор Федя Theodor Федор; m Филипп Филя Philip Филип; m Эдуард Эдик Edward;
m Эльдар; m Юлиан; m Юрий Юра Юрик Georgy; m Яков Яша Jacob; m Ян Яник Jan; m Ярослав Ярик Слава; f Алина Аля Алинка;
f Алиса Alice Алиска; f Алла Аллочка; f Алёна Лена Алена Елена; f Альбина Аля;
f Анастасия Настя Настюша Стася Ася Anastasia Настенька; f Ангелина Лина Геля; f Анжела Angela Анжелика;
f Анна Аня Анюта Нюра Анечка Нюта Ann Anne Hanna Ганна; f Антонина Тоня; f Арина Ариша; f Варвара Варя Barbara;
f Вера Верочка; f Вероника Ника Veronica; f Галина Галя Галочка Галинка; f Дарья Даша Дарина Дашка Дария Daria;
f Диана Diana; f Дина; f Ева Eva; f Евдокия Дуня;
f Екатерина Катя Катюша Катерина Катька Catherine Kate Ekaterina Катарина;
f Елена Лена Алёна Леночка Ленка Helena Helen Олена; f Елизавета Лиза Лизавета Elizabeth Элизабет; f Жанна Jeanne;
f Зинаида Зина; f Злата; f Зоя; f Инга; f Инна; f Ирина Ира Иришка Ирочка Iren Irene; f Карина;
f Кристина Christina Кристи; f Ксения Ксюша Ксюха Xenia; f Лариса Лара Лора; f Лидия Лида Lydia;
f Лилия Лиля Lilia; f Любовь Люба Любаша; f Людмила Люда Люся Мила; f Маргарита Рита Марго Margarita;
f Марина Мариша Маринка; f Мария Маша Маруся Машенька Маня Mary Maria Марья Марія; f Милана Мила; f Надежда Надя;
f Наталья Наташа Ната Наталия Таша Natalia Natalie Наталка; f Нелли Неля Nelly; f Нина Ниночка; f Оксана Окси Ксана;
f Олеся Леся; f Ольга Оля Олечка Ольгуша Helga; f Полина Поля Паулина; f Раиса Рая; f Регина; f Роза;
f Светлана Света Лана Светик; f София Соня Софа Софья Sophia Sofia Sophie; f Таисия Тася Тая; f Тамара Тома;
f Татьяна Таня Танюша Tatiana Тетяна; f Ульяна Уля Juliana; f Фаина Фая; f Эльвира Эля; f Эмма Emma;
f Юлия Юля Юленька Julia; f Яна Янка; f Ярослава Слава; f Зарина; f Динара; f Гульнара Гуля; f Айгуль; f Лейла;
m Ильдар; m Айрат; m Азат; m Рустам Рустем; m Алан; m Арман; m Тигран; m Гарик Гарри; m Ашот; m Вахтанг; m Гиорги;
m Магомед Мага Мухаммед; m Ахмед Ахмат; m Асан; m Фарид; m Ренат; m Клим; m Лука; m Назар; m Ким; m Архип; m Елисей;
m Емельян; m Ермолай; m Игнатий; m Лаврентий; m Нестор; m Остап; m Потап; m Савва; m Трофим; m Эмиль; m Вольдемар;
f Агата; f Аглая; f Аделина; f Аида; f Амина; f Анфиса; f Бэлла Белла; f Василина; f Виолетта; f Влада; f Дарина;
f Есения; f Земфира; f Изабелла; f Камилла; f Каролина; f Клавдия Клава; f Лада; f Лиана; f Майя; f Марфа;
f Мирослава; f Николь; f Пелагея; f Прасковья; f Рената; f Римма; f Серафима; f Снежана; f Стефания; f Эвелина;
f Элина; f Элеонора; f Эльмира; f Тамила; f Инесса; f Леся; f Зульфия;
"""

ENGLISH = """
m Adam; m Adrian; m Alan Allan Allen; m Albert Al Bert; m Alfred Alf Fred; m Andrew Andy Drew Андрей;
m Anthony Tony Антон; m Arthur Art; m Benjamin Ben Benny; m Bernard Bernie; m Brian Bryan;
m Charles Charlie Chuck Chas; m Christopher Chris Kit Topher; m Christian Chris; m Colin; m Daniel Dan Danny;
m David Dave Davy; m Dennis Denny; m Donald Don; m Douglas Doug; m Edward Ed Eddie Ted Ned; m Eric Erik;
m Francis Frank; m Frederick Fred Freddie; m Gary; m Geoffrey Jeffrey Geoff Jeff; m George; m Gerald Gerry Jerry;
m Graham Graeme; m Gregory Greg; m Harold Harry Hal; m Henry Harry Hank; m Ian; m Jack John; m Jacob Jake;
m James Jim Jimmy Jamie; m Jason; m John Johnny Jack Jon; m Jonathan Jon Jonny; m Joseph Joe Joey; m Joshua Josh;
m Justin; m Keith; m Kenneth Ken Kenny; m Kevin; m Laurence Lawrence Larry; m Leonard Leo Len Lenny; m Liam William;
m Louis Lewis Lou; m Lucas Luke; m Mark Marc; m Martin Marty; m Matthew Matt; m Michael Mike Mick Mickey Mikey;
m Nathan Nathaniel Nate; m Nicholas Nick Nicolas Nicky; m Oliver Ollie; m Oscar Oskar; m Patrick Pat Paddy; m Paul;
m Peter Pete; m Philip Phil Phillip; m Ralph; m Raymond Ray; m Richard Rick Dick Richie Rich Ricky;
m Robert Bob Rob Bobby Robbie Bert; m Roger; m Ronald Ron Ronnie; m Russell Russ; m Ryan; m Samuel Sam Sammy; m Scott;
m Sean Shaun Shawn; m Simon; m Stanley Stan; m Stephen Steven Steve Stevie; m Stuart Stewart Stu; m Terence Terry;
m Theodore Ted Teddy Theo; m Thomas Tom Tommy; m Timothy Tim Timmy; m Victor Vic; m Vincent Vince;
m Walter Walt Wally; m William Bill Will Billy Willy; m Zachary Zach Zack; m Connor; m Dylan; m Ethan; m Gavin;
m Hugh; m Noah; m Owen; m Trevor; m Neil Neal; m Nigel; m Clive; m Craig; m Duncan; m Ross; m Warren;
f Abigail Abby Gail; f Alexandra Alex Sandra Lexi; f Alice Ali; f Alison Allison Ali; f Amanda Mandy; f Amelia Amy;
f Amy; f Andrea Andie; f Angela Angie; f Ann Anne Anna Annie Hannah; f Barbara Barb Babs; f Beatrice Bea; f Bridget;
f Carol Caroline Carolyn Carrie; f Catherine Kathryn Katherine Cathy Kathy Kate Katie Kitty Kat;
f Charlotte Lottie Charlie; f Christina Christine Chris Tina Chrissy; f Claire Clare; f Cynthia Cindy;
f Deborah Debbie Debra Deb; f Diana Diane Di; f Donna; f Dorothy Dot Dottie; f Eleanor Ellie Nell;
f Elizabeth Liz Beth Betty Lizzie Eliza Betsy Libby Lisa; f Ellen Nell; f Emily Em Emmy; f Emma Em; f Fiona;
f Frances Fran Frankie; f Georgia Georgie; f Gillian Jill Gill; f Grace; f Hannah; f Heather; f Helen Nell; f Holly;
f Isabel Isabelle Isabella Bella Izzy; f Jacqueline Jackie; f Jane Janet Janie Jean; f Janice Jan;
f Jennifer Jen Jenny; f Jessica Jess Jessie; f Joan Joanna Joanne Jo; f Josephine Jo Josie; f Joyce; f Judith Judy;
f Julia Julie Jules; f Karen; f Kimberly Kim; f Laura Laurie; f Linda Lindy; f Louise Lou; f Lucy Lucille;
f Margaret Maggie Meg Peggy Madge Marge; f Martha; f Mary Molly Polly Marie Maria; f Megan Meg; f Melissa Mel Lissa;
f Michelle Shelly; f Nancy; f Natalie Nat; f Nicole Nicky; f Olivia Liv Ollie; f Pamela Pam;
f Patricia Pat Patty Trish Tricia; f Paula; f Penelope Penny; f Rachel Rach; f Rebecca Becky Becca;
f Rose Rosie Rosemary; f Ruth; f Samantha Sam; f Sandra Sandy; f Sarah Sara Sally; f Sharon; f Sheila;
f Sophie Sophia; f Stephanie Steph; f Susan Sue Susie Suzanne Susanna; f Teresa Theresa Terry Tess; f Valerie Val;
f Vanessa; f Veronica Ronnie; f Victoria Vicky Tori; f Virginia Ginny; f Wendy; f Zoe Zoey; f Chloe; f Tracy Tracey;
f Hazel; f Ivy; f Daisy; f Naomi;
"""

NORWEGIAN = """
m Anders; m Andreas; m Arne; m Asbjørn; m Bjarne; m Bjørn; m Einar; m Eirik Erik Erling; m Espen; m Finn; m Frode;
m Geir; m Gunnar; m Hans; m Harald; m Henrik; m Håkon Haakon; m Håvard; m Ingvar; m Ivar; m Jens; m Jon John; m Jonas;
m Jørgen; m Kjell; m Knut; m Kristian Christian; m Kristoffer Kris; m Lars; m Magnus; m Martin; m Morten; m Nils;
m Odd; m Ola Ole Olav; m Oskar Oscar; m Ove; m Per Peder Petter; m Pål Paul; m Roar; m Rolf; m Rune; m Sander;
m Sigurd; m Sindre; m Stein; m Steinar; m Svein Sveinung; m Sverre; m Terje; m Thor Tor; m Tore; m Torbjørn; m Tormod;
m Trond; m Trygve; m Vidar; m Øystein; m Øyvind Øivind; m Åge; m Åsmund; m Leif; m Reidar; m Ragnar; m Torstein;
m Marius; m Mathias Mattias; m Tobias; m Vegard; m Yngve; m Stian; m Tom Tommy; f Anita; f Anne Anna Ane; f Aud;
f Berit; f Bente; f Birgit Birgitte Gitte; f Bodil; f Camilla; f Cecilie; f Elin; f Ellen; f Else; f Eva; f Gerd;
f Grete Grethe; f Gro; f Guri; f Gunn; f Hanne Hanna; f Hege; f Heidi; f Helene; f Hilde; f Ida; f Inger; f Ingrid;
f Ingeborg; f Jorunn; f Kari Karin; f Karoline; f Kine; f Kirsten; f Kjersti; f Kristin Kristine; f Laila; f Lena;
f Linn; f Line; f Liv; f Lise; f Mai; f Malin; f Maren; f Marianne; f Marit; f Mari Maria Marie; f Mette;
f Monica Monika; f Nina; f Nora; f Oddny; f Ragnhild; f Randi; f Rita; f Sigrid; f Silje; f Siri; f Sissel; f Siv;
f Solveig; f Stine; f Synnøve; f Tone; f Torill Toril; f Tove; f Trine; f Turid; f Tuva; f Unni; f Vibeke; f Wenche;
f Åse; f Åshild; f Astrid; f Frida; f Thea; f Ingvild; f Marte Marthe;
"""
