"""What a report says about itself, Russian and English: axes of pictures, hints beside figures, remarks."""

from __future__ import annotations

REMARKS: dict[str, tuple[str, str]] = {
    # pictures
    "answered_calls": ("Принято", "Answered"),
    "made_calls": ("Исходящие", "Outgoing"),
    "axis.calls": ("Звонков", "Calls"),
    "axis.wait": ("Ждали, секунд", "Waited, seconds"),
    "axis.money": ("Сумма выигранных сделок", "Amount of deals won"),
    "axis.items": ("Открыто дел", "Open items"),
    "lead_items": ("Лиды", "Leads"),
    "deal_items": ("Сделки", "Deals"),
    "task_items": ("Задачи", "Tasks"),
    # remarks
    "as_of": ("по состоянию на {moment}", "as known on {moment}"),
    "period": ("за {days}", "for {days}"),
    "unavailable": ("н/д", "n/a"),
    "small": ("мало данных: {count}", "few data: {count}"),
    "small_note": (
        "* Медиана или доля менее чем по пяти наблюдениям: о человеке она говорит мало.",
        "* A median or share of fewer than five observations says little about a person.",
    ),
    "no_data_day": ("нет данных", "no data"),
    "no_data": (
        "Нет данных: за {days} в журнале звонков нет ни одной строки. Это не ноль звонков: журнал мог не поступить.",
        "No data: the call log has no row for {days}. This is not zero calls: the log may not have arrived.",
    ),
    "unknown_waits": (
        "Звонков, время ожидания которых источник не сообщает: {count}. В уровень сервиса и ожидание они не входят.",
        "Calls whose wait the source does not tell: {count}. They are left out of service level and waiting.",
    ),
    "no_data_before": (
        "В предыдущем периоде нет данных: {days}. Сравнение с ним неполное.",
        "The period before has no data: {days}. The comparison is incomplete.",
    ),
    "only": ("Только: {what}.", "Only: {what}."),
    "unlisted": (
        "Строк за период: {count}, в страницу они не помещаются. Все они в файле {file}; подчёркнутое число ведёт "
        "к нему, подсказка при числе говорит, по какому условию отобрать его строки.",
        "The period has {count} rows, too many for this page. All are in {file}; an underlined number leads there, "
        "and its tooltip says which condition selects its rows.",
    ),
    "other_currency": (
        "Сделок в другой валюте: {count}; в суммы они не входят.",
        "Deals in another currency: {count}; they are left out of the sums.",
    ),
    "not_over": (
        "Период ещё не закончился: учтено то, что было известно на момент отчёта.",
        "The period is not over: counted is what was known at the report's moment.",
    ),
    "hint.share": ("доля {value}", "share {value}"),
    "hint.abandoned": ("положили трубку: {value}", "abandoned: {value}"),
    "hint.made": ("исходящих: {value}", "outgoing: {value}"),
    "hint.target": ("цель {value} %", "target {value}%"),
    "hint.overdue": ("с нарушением срока: {value}", "past the deadline: {value}"),
    "hint.p90": ("у 90 % не дольше {value}", "p90 {value}"),
    "hint.median": ("медиана {value}", "median {value}"),
    "hint.deals": ("сделок: {value}", "deals: {value}"),
    "hint.invoices": ("счетов: {value}", "invoices: {value}"),
    "hint.leads": ("лидов: {value}", "leads: {value}"),
    "hint.late": ("нарушено: {value}", "broken: {value}"),
    "hint.oldest": ("самое старое: {value}", "oldest: {value}"),
    "hint.calls": ("принято звонков: {value}", "calls answered: {value}"),
    "good": ("в норме", "on target"),
    "bad": ("внимание", "attention"),
    "rows": ("строк: {count}", "rows: {count}"),
    "money": ("Сумма выигранных сделок", "Amount of deals won"),
    "back": ("закрыть", "close"),
    "contents": ("Содержание", "Contents"),
    "empty_table": ("Строк нет.", "No rows."),
    "follow_hint": (
        "Подчёркнутое число ведёт к своим строкам. Время в таблицах: минуты:секунды или часы:минуты:секунды.",
        "An underlined number leads to its rows. Times in tables: minutes:seconds or hours:minutes:seconds.",
    ),
    "footer": (
        "Составлено программой Callout по данным офиса. Повторный запуск на тот же момент даёт тот же отчёт.",
        "Made by Callout from the office's own data. Running it again for the same moment gives the same report.",
    ),
}
