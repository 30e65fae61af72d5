"""What each figure of the reports means, in words, Russian and English. Keys are `define.` and the figure's key."""

from __future__ import annotations

DEFINITIONS: dict[str, tuple[str, str]] = {
    "define.offered": (
        "Все входящие звонки, начавшиеся в периоде и закончившиеся до момента отчёта. Звонок с переводами "
        "считается один раз.",
        "All incoming calls that began in the period and ended before the report's moment. "
        "A call that was handed on counts once.",
    ),
    "define.answered": (
        "Входящие звонки, на которые ответил сотрудник.",
        "Incoming calls that a member of staff answered.",
    ),
    "define.missed": (
        "Поступившие без отвеченных: клиент положил трубку, не ответили, занято, не соединился.",
        "Offered without answered: abandoned, no answer, busy, failed.",
    ),
    "define.short_abandons": (
        "Клиент положил трубку раньше чем через {short_seconds} с: ответить было невозможно.",
        "The caller hung up in less than {short_seconds} s: nobody could have answered.",
    ),
    "define.abandoned": (
        "Клиент положил трубку, не дождавшись ответа. Если источник не сообщает ожидание, показателя нет.",
        "The caller hung up before anybody answered. Where the source tells no waiting there is no such figure.",
    ),
    "define.flow_out": (
        "Очередь отпустила звонок без ответа в ней: вышло время, некому отвечать, клиент нажал клавишу. Кто "
        "ответил потом "
        "в другом месте, считается и отвеченным. Известно только из журнала очередей.",
        "The queue let the call go unanswered: out of time, nobody there, the caller pressed a key. If somebody "
        "answered "
        "elsewhere it counts as answered too. Only a queue's log tells.",
    ),
    "define.occupancy": (
        "Разговоры в процентах от времени за телефоном без перерывов. Только для тех, чьи перерывы есть в "
        "журнале очередей.",
        "Conversations in percent of the time at the telephone without breaks. Only for those whose breaks a "
        "queue's log "
        "tells.",
    ),
    "define.busy_lines": (
        "Внешние звонки каждой линии, входящие и исходящие, от начала до конца. Эрланг: столько звонков в среднем шло "
        "одновременно; время звонка отнесено к часу его начала. Разговоры внутри офиса не входят.",
        "Calls of each line with the world outside, both ways, from beginning to end. Erlangs: so many calls "
        "were held at "
        "a time on average; a call's time belongs to the hour it began in. Internal calls are left out.",
    ),
    "define.staffing": (
        "Нужно людей: по формуле Эрланга C, чтобы ответить на {target} % звонков за {threshold} с, по средним звонкам "
        "этого часа и среднему разговору. Отвечали: сколько сотрудников в среднем приняли в этот час хотя бы "
        "один звонок. "
        "Среднее по дням, когда в этот час звонили. Перерывы и болезни не учтены.",
        "People needed: by Erlang C, to answer {target}% of the calls within {threshold} s, from this hour's "
        "mean calls "
        "and conversation. Answering: how many employees took at least one call in the hour. Means over the days with "
        "calls in that hour. Breaks and sickness are not reckoned in.",
    ),
    "define.service_level": (
        "Доля звонков, на которые ответили не позже чем через {threshold} с. За 100 % в офисе приняты {chosen}; "
        "другие принятые определения показаны рядом. Цель: {target} %. Звонки без времени ожидания не входят.",
        "Share of calls answered within {threshold} s. The office takes {chosen} as 100 %; the other usual definitions "
        "stand beside. Target: {target} %. Calls whose wait is not known are left out.",
    ),
    "define.asa": (
        "Среднее время до ответа по отвеченным входящим звонкам.",
        "Average speed of answer: mean wait of the answered incoming calls.",
    ),
    "define.wait_p90": (
        "За это время дождались ответа или положили трубку не менее 90 % всех входящих (для 50 и 95 % так же): "
        "ближайший ранг, без сглаживания. До 2 минут с точностью до секунды, до 10 минут до 5 с, до часа до 30 с.",
        "At least 90 % of all incoming calls were answered or hung up within this time (50 and 95 % likewise): "
        "nearest rank, not interpolated. To the second up to 2 minutes, to 5 s up to 10, to 30 s up to an hour.",
    ),
    "define.aht": (
        "Среднее время разговора по отвеченным входящим. Работа после разговора источнику неизвестна и не входит.",
        "Mean conversation of answered incoming calls. Work after the call is not known to the source and left out.",
    ),
    "define.call_back_p50": (
        "Рабочее время офиса от пропущенного звонка до нашего звонка клиенту; только те, кому перезвонили. "
        "Срок: {call_back_minutes} рабочих минут.",
        "The office's working time from the missed call to our call back; only calls that we returned. "
        "Due within {call_back_minutes} working minutes.",
    ),
    "define.open": (
        "Пропущенные звонки, по которым на момент отчёта никто не перезвонил и клиент не дозвонился сам.",
        "Missed calls that nobody had returned by the report's moment and whose caller had not reached us.",
    ),
    "define.repeats": (
        "Номера, с которых за период поступило два и более входящих звонка.",
        "Numbers from which two or more incoming calls came in the period.",
    ),
    "define.handled": (
        "Лиды, которые сотрудник в периоде взял в работу, квалифицировал, превратил в сделку или закрыл; "
        "каждый один раз.",
        "Leads that the employee took into work, qualified, converted or closed in the period; each counts once.",
    ),
    "define.won_amount": (
        "Сумма сделок, выигранных в периоде; засчитывается менеджеру сделки.",
        "Amount of the deals won in the period, credited to the deal's manager.",
    ),
    "define.paid_amount": (
        "Сумма счетов, оплаченных в периоде по сделкам этого менеджера.",
        "Amount of the invoices paid in the period on this manager's deals.",
    ),
    "define.joined_amount": (
        "Выигранные сделки, в которых сотрудник был диспетчером или исполнителем. Это те же деньги, что и у менеджера: "
        "со столбцом выигранных не складывается.",
        "Won deals in which the employee was dispatcher or executor. It is the manager's same money: "
        "do not add it to the amount won.",
    ),
    "define.first_response": (
        "Рабочее время от поступления лида до взятия в работу; по лидам, взятым в периоде.",
        "Working time from receiving a lead to taking it into work; leads taken in the period.",
    ),
    "define.resolution": (
        "Рабочее время от обращения клиента до выигранной сделки; по сделкам, закрытым в периоде.",
        "Working time from the client's request to the won deal; deals ended in the period.",
    ),
    "define.kept_percent": (
        "Доля соблюдённых сроков: взятие лида в работу и задачи со сроком. Срок считается один раз: когда дело сделано "
        "или, если не сделано, когда срок наступил.",
        "Share of kept deadlines: taking leads into work, and tasks with a deadline. A deadline counts once: when the "
        "work was done or, if it was not, when it fell due.",
    ),
    "define.workload": (
        "Открытые на конец периода лиды, сделки (у менеджера) и задачи.",
        "Leads, deals (at their manager) and tasks open at the end of the period.",
    ),
    "define.backlog_median": (
        "Рабочее время, прошедшее с появления открытых дел.",
        "Working time since the open items came up.",
    ),
    "define.evenness": (
        "Индекс Джейна по числу новых лидов на день на месте: 100 % поровну, чем меньше, тем больше досталось одному. "
        "Отсутствие не снижает индекс.",
        "Jain's index of new leads per day at work: 100 % are equal shares, the lower the more went to one person. "
        "Absence does not lower it.",
    ),
    "define.incidents": (
        "Записанные нарушения сроков и порядка, в которых сотрудник отвечал за шаг.",
        "Recorded breaches of deadlines and order where the employee answered for the step.",
    ),
}
