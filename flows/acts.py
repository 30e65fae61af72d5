"""What people do to orders and other items by a form of Prefect: no account of ours, the same steps as everywhere."""

from __future__ import annotations

from datetime import date
from typing import Literal

from prefect import flow
from pydantic import Field

from flows.opening import Shift, open_shift
from flows.run_request import RunRequest
from tasks.process_desk import release_items
from tasks.process_entry import command_by_form, start_by_form
from tasks.process_forms import Filled, FormResult, act_on_item, enter_absence, reassign_work
from tasks.rules.summary import RunSummary


class PersonRequest(RunRequest):
    """A form that a member of staff fills in / Форма сотрудника."""

    who: str = Field(
        default="", title="Who acts", description="Your key or mail address / Ваш ключ или адрес почты, кто действует."
    )

    @property
    def by(self) -> str:
        """Who acts, for the run's name."""
        return f" by {self.who}" if self.who else ""


class CompleteTaskRequest(PersonRequest):
    """A task that is begun or done / Задача, взятая в работу или сделанная."""

    task: int = Field(default=0, title="Task", description="Number of the task / Номер задачи.", ge=0)
    is_only_begun: bool = Field(
        default=False, title="Only begun", description="It is taken into work, not done yet / Только взята в работу."
    )
    note: str = Field(default="", title="Note", description="What came of it / Что сделано.")


@flow(name="complete-task", flow_run_name="task {request.task}{request.by}")
async def complete_task(request: CompleteTaskRequest = CompleteTaskRequest()) -> RunSummary:
    """Begin or finish a task; it does not close while something it needs is missing.

    Взять задачу в работу или закрыть её; пока не хватает нужного, она не закроется.
    """
    with open_shift("complete-task", request) as shift:
        verb = "begin" if request.is_only_begun else "done"
        filled = Filled(request.who, verb, task_id=request.task, text=request.note)
        return _told(shift, act_on_item(shift.desk, filled, shift.now))


class DecideApprovalRequest(PersonRequest):
    """A vote on what you were asked about / Голос по согласованию."""

    task: int = Field(default=0, title="Task", description="Number of the approval / Номер согласования.", ge=0)
    decision: Literal["approve", "decline"] = Field(
        default="approve", title="Decision", description="approve or decline / Согласовать или отклонить."
    )
    reason: str = Field(default="", title="Reason", description="Why it is declined / Причина отказа.")


@flow(name="decide-approval", flow_run_name="{request.decision} {request.task}{request.by}")
async def decide_approval(request: DecideApprovalRequest = DecideApprovalRequest()) -> RunSummary:
    """Approve or decline what you were asked about; a vote counts once.

    Согласовать или отклонить то, о чём вас спросили; голос считается один раз.
    """
    with open_shift("decide-approval", request) as shift:
        filled = Filled(request.who, request.decision, task_id=request.task, text=request.reason)
        return _told(shift, act_on_item(shift.desk, filled, shift.now))


class ItemRequest(PersonRequest):
    """A form about one item / Форма об одном заказе."""

    number: str = Field(
        default="",
        title="Number",
        description="Of the order or item, e.g. D-000012 or D-000012/receive_payment / Номер заказа.",
    )

    @property
    def which(self) -> str:
        """The item in words, for the run's name."""
        return self.number or "an item"


class StartOrderRequest(ItemRequest):
    """The start of an order by hand / Запуск заказа вручную."""

    dispatcher: str = Field(
        default="", title="Dispatcher", description="Key or mail address of the dispatcher / Ключ или адрес диспетчера."
    )
    kind: Literal["first", "periodic", "urgent"] = Field(
        default="first", title="Kind", description="first, periodic or urgent / Первичное, периодическое, срочное."
    )


@flow(name="start-order", flow_run_name="start {request.which}{request.by}")
async def start_order(request: StartOrderRequest = StartOrderRequest()) -> RunSummary:
    """Set the dispatcher and the kind of an order and start it; the dispatcher is told.

    Назначить диспетчера и вид заказа и запустить его; диспетчер узнает об этом.
    """
    with open_shift("start-order", request) as shift:
        sets = {"kind": request.kind} | ({"dispatcher": f"@{request.dispatcher}"} if request.dispatcher else {})
        return _told(
            shift, act_on_item(shift.desk, Filled(request.who, "start", number=request.number, sets=sets), shift.now)
        )


class CancelItemRequest(ItemRequest):
    """The end of an order before its time / Отмена заказа."""

    reason: str = Field(default="", title="Reason", description="Why; it is told to those concerned / Причина.")


@flow(name="cancel-item", flow_run_name="cancel {request.which}{request.by}")
async def cancel_item(request: CancelItemRequest = CancelItemRequest()) -> RunSummary:
    """Cancel an order or another item; everybody concerned is told, and what was promised is taken back.

    Отменить заказ: все, кого это касается, узнают, обещанное отзывается.
    """
    with open_shift("cancel-item", request) as shift:
        sets = {"reason": request.reason} if request.reason else {}
        return _told(
            shift, act_on_item(shift.desk, Filled(request.who, "cancel", number=request.number, sets=sets), shift.now)
        )


class StartProcessRequest(PersonRequest):
    """A new item of any process / Новый экземпляр процесса."""

    process: str = Field(
        default="", title="Process", description="Its name, e.g. repair or hiring / Имя процесса, например hiring."
    )
    title: str = Field(default="", title="Title", description="In a few words / Коротко, о чём речь.")
    values: str = Field(
        default="",
        title="Values",
        description="One on a line, name: value; a client by mail address or telephone / По одному в строке.",
        json_schema_extra={"format": "textarea"},
    )

    @property
    def which(self) -> str:
        """The process in words, for the run's name."""
        return self.process or "a process"


@flow(name="start-process", flow_run_name="start {request.which}{request.by}")
async def start_process(request: StartProcessRequest = StartProcessRequest()) -> RunSummary:
    """Begin an item of any process of the office: a repair, a candidate, a contract.

    Начать любой процесс офиса: ремонт, наём, согласование договора.
    """
    with open_shift("start-process", request) as shift:
        begun = start_by_form(shift.desk, request.process, request.who, request.title, request.values, shift.now)
        return _told(shift, begun)


class CommandItemRequest(ItemRequest):
    """Any command of an item's process / Любая команда процесса."""

    command: str = Field(
        default="", title="Command", description="A command of the process file, e.g. submit / Команда процесса."
    )
    values: str = Field(
        default="",
        title="Values",
        description="Values that come with it, one on a line, name: value / Значения полей, по одному в строке.",
        json_schema_extra={"format": "textarea"},
    )

    @property
    def wish(self) -> str:
        """The command in words, for the run's name."""
        return self.command or "no command for"


@flow(name="command-item", flow_run_name="{request.wish} {request.which}{request.by}")
async def command_item(request: CommandItemRequest = CommandItemRequest()) -> RunSummary:
    """Give an item a command of its process; refused with every reason when no rule accepts it.

    Дать команду процесса; если правила её не принимают, сказано почему.
    """
    with open_shift("command-item", request) as shift:
        acted = command_by_form(shift.desk, request.number, request.command, request.who, request.values, shift.now)
        return _told(shift, acted)


class ReassignRequest(PersonRequest):
    """Open work for somebody else / Передача задачи коллеге."""

    task: int = Field(default=0, title="Task", description="Number of the task / Номер задачи.", ge=0)
    to: str = Field(
        default="", title="To whom", description="Key or mail address of the colleague / Кому передать: ключ или адрес."
    )

    @property
    def whom(self) -> str:
        """The colleague in words, for the run's name."""
        return self.to or "a colleague"


@flow(name="reassign-task", flow_run_name="task {request.task} to {request.whom}")
async def reassign_task(request: ReassignRequest = ReassignRequest()) -> RunSummary:
    """Give open work to a colleague, who is asked; whoever had it is told.

    Передать открытую задачу коллеге; прежний исполнитель узнает об этом.
    """
    with open_shift("reassign-task", request) as shift:
        return _told(shift, reassign_work(shift.desk, request.task, request.to, request.who, shift.now))


class RegisterAbsenceRequest(PersonRequest):
    """Who is away and who stands in / Отсутствие и замещение."""

    person: str = Field(default="", title="Who is away", description="Key or mail address / Кто отсутствует.")
    first_day: date = Field(
        default=date(2026, 1, 1), title="First day", description="First day of absence / Первый день отсутствия."
    )
    last_day: date = Field(
        default=date(2026, 1, 1), title="Last day", description="Last day, inclusive / Последний день, включительно."
    )
    substitute: str = Field(
        default="", title="Substitute", description="Who stands in, or empty / Кто замещает, или пусто."
    )
    kind: str = Field(default="leave", title="Kind", description="leave, sick, trip / Отпуск, болезнь, поездка.")

    @property
    def whom(self) -> str:
        """Who is away in words, for the run's name."""
        return self.person or "somebody"


@flow(name="register-absence", flow_run_name="{request.whom} away from {request.first_day}")
async def register_absence(request: RegisterAbsenceRequest = RegisterAbsenceRequest()) -> RunSummary:
    """Write down who is away and who stands in; open work goes over to the substitute and comes back.

    Записать отсутствие и замещение; открытая работа перейдёт к замещающему и вернётся.
    """
    with open_shift("register-absence", request) as shift:
        entered = enter_absence(
            shift.desk,
            request.person,
            request.first_day,
            request.last_day,
            request.substitute,
            request.kind,
            request.who,
            shift.now,
        )
        return _told(shift, entered)


class ReleaseItemsRequest(PersonRequest):
    """Items that stopped, and go on / Остановленные заказы."""

    items: list[int] = Field(
        default=[],
        title="Items",
        description="Row numbers from ./callout held list; none: all of them / Номера, пусто: все.",
    )

    @property
    def which(self) -> str:
        """The items in words, for the run's name."""
        return f"items {', '.join(map(str, self.items))}" if self.items else "all held items"


@flow(name="release-items", flow_run_name="release {request.which}{request.by}")
async def release_held(request: ReleaseItemsRequest = ReleaseItemsRequest()) -> RunSummary:
    """Let held items go on from where they stopped, after the cause was put right.

    Отпустить остановленные заказы: причина устранена, они пойдут дальше с того же места.
    """
    with open_shift("release-items", request) as shift:
        released = release_items(shift.desk, request.items, request.who, shift.now, "prefect")
        shift.add(**released.counts)
        shift.notes += released.notes
        return shift.summary()


def _told(shift: Shift, result: FormResult) -> RunSummary:
    shift.add(**result.counts)
    shift.notes += result.notes
    return shift.summary()
