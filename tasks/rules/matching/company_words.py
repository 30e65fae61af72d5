"""Words that tell companies from people: legal forms, role mailboxes, providers where anybody has a mailbox."""

from __future__ import annotations

LEGAL_FORMS = """
ооо оао зао пао ао нао ип чп тоо тдо одо уп чуп фгуп муп гуп мкп нко ано тсж жск снт пк кфх гбу фгбу мбу мбоу
гбоу llc ltd limited inc incorporated corp corporation co company plc llp lp gmbh ag ug kg ohg as asa ans da
nuf enk ab oy oyj aps sa sarl srl spa bv nv ooo oao zao pao ao ip tov sp sro doo jsc cjsc ojsc pjsc fze
"""

GENERIC_WORDS = """
компания фирма предприятие группа group компани the тд тк гк пкф нпо спб мск
"""

ROLE_MAILBOXES = """
info office mail contact contacts kontakt kontakty sales sale support help helpdesk service servis admin
administrator webmaster postmaster hostmaster abuse root reception resepsjon hr job jobs kadry rabota career
personal buh buhgalter buhgalteria buhg bookkeeping accounting accounts accountant billing invoice invoices
faktura regnskap post posta pochta zakaz zakazy zayavka order orders ordre booking bron shop store market
marketing pr press reklama news newsletter noreply no-reply donotreply robot bot mailer notify notification
dostavka delivery logist logistic logistika sklad warehouse snab snabzhenie zakupki tender purchase
procurement director direktor ceo boss manager menedzher secretary sekretar priem priemnaya dispatch
dispetcher operator it tech technical security urist jurist legal law company firma client clients klient
kunde kundeservice salg firmapost team all everyone hello hi feedback otdel opt optom kassa finance finans
ekonom general main common
"""

FREE_PROVIDERS = """
gmail.com yandex.ru mail.ru bk.ru inbox.ru list.ru internet.ru rambler.ru lenta.ru ro.ru autorambler.ru
myrambler.ru hotmail.com outlook.com live.com live.no msn.com yahoo.com yahoo.co.uk icloud.com me.com mac.com
aol.com gmx.com gmx.de web.de protonmail.com proton.me online.no hotmail.no hotmail.co.uk btinternet.com
zoho.com ukr.net i.ua example.com example.org example.net tut.by mail.com qip.ru pochta.ru vk.com xmail.ru
"""
