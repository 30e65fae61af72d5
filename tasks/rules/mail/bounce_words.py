"""What mail systems write when they could not deliver, by system and language: tables, no code.

Regular expressions over text with single blanks, any case. They are asked of machines' mail only, so they may be
short: a newsletter's "could not be delivered" costs nothing, a missed failure leaves a dead address in use.
"""

from __future__ import annotations

FAILURES = (
    # Exim, cPanel, GMX, Zoho, Postfix, Sendmail, qmail, Courier, OpenSMTPD, DragonFly, PowerMTA, SendGrid
    r"(?:could|can|did|was|were|has|have)(?: ?not|n[’']t) (?:be |been |able to be )?(?:\w+ )?(?:deliver|reach"
    r"|sent\b|send\b)",
    r"undeliver(?:able|ed)|non-?deliver(?:y|ed|able)",
    r"(?:unable|not able|impossible) to (?:deliver|send|relay|reach|be delivered)",
    r"(?:error|trouble|problems?|failure)s? (?:\w+ ){0,4}(?:deliver|sending)",
    r"(?:delivery|sending|transmission) (?:\S+ ){0,12}?(?:has |have )?(?:failed|failures?|errors?|problems?"
    r"|impossible)\b",
    r"fail(?:ed|ure) (?:\w+ ){0,3}(?:to deliver|deliver|recipients?|reasons?)",
    r"return(?:ed|ing) (?:mail|message|to sender|below)",
    r"(?:permanent|fatal)(?:ly)? (?:fatal )?(?:error|fail)",
    r"(?:message|mail|e-mail) (?:\S+ ){0,6}(?:was|were|has been|is|been) (?:\w+ )?(?:rejected|refused|returned"
    r"|blocked|discarded|bounced)",
    r"following (?:addresses|recipients?|address(?:\(es\))?) (?:\S+ ){0,3}(?:had|were|was|failed|rejected)",
    r"message (?:blocked|not delivered|bounced)|address not found|recipient not found|recipients? rejected",
    # what servers answer: the same few sentences everywhere
    r"(?:no such|unknown|invalid|unrecognized|non-?existent) (?:\w+ )?(?:user|recipient|mailbox|address"
    r"|account|host|domain)",
    r"(?:user|recipient|mailbox|address|account|host|domain) (?:\S+ ){0,2}?(?:is )?(?:unknown|not found"
    r"|disabled|unavailable|inactive|rejected|suspended|full|over ?quota|expired|invalid|does ?n[o’']t exist)",
    r"does not exist|not listed in|quota (?:was |has been |is )?exceeded|over(?: |-)?quota",
    r"mailbox (?:size )?exceed",
    r"relay(?:ing)? (?:access )?denied|may not exist, or you may not have permission",
    # Yandex, mail.ru, Google, Exchange in Russian
    r"не (?:\S+ ){0,4}?(?:доставлен|доставить|отправлен|отправить|доставка)|недоставлен|невозможно доставить",
    r"(?:ошибка|сбой|отказ|невозможность)(?: при)?(?: \S+){0,2} (?:доставк|отправк)",
    r"возвра[тщ]\w* (?:\S+ )?(?:письм|сообщени)",
    r"доставка (?:\S+ ){0,8}?(?:не удалась|невозможна|не выполнена|прекращена)|письмо (?:\S+ ){0,3}отклонен",
    r"(?:адрес|пользовател|получател|почтов\w+ ящик|ящик|учетн\w+ запис)\w* (?:\S+ ){0,4}?(?:не найден"
    r"|не существует|не обнаружен|переполнен|недоступен|заблокирован|отключ[её]н|отклон)",
    r"не вдалося доставити|недоставлен|не доставлено",
    # Exchange, Outlook, Google and providers in other languages
    r"nicht (?:\S+ ){0,3}?(?:zugestellt|zustellbar)|unzustellbar",
    r"zustellung (?:\S+ ){0,6}?(?:fehlgeschlagen|gescheitert|nicht möglich)",
    r"n[’']a (?:pas pu|pu) (?:\S+ )?(?:être )?(?:remis|délivré|distribué|livré|envoyé)",
    r"échec de (?:la )?(?:remise|distribution)|non remis|impossible de (?:remettre|distribuer|délivrer)",
    r"n[’']ont pas pu être|destinataire inconnu",
    r"no (?:se |fue |pudo |ha )(?:\S+ ){0,4}?(?:entreg|enviar|enviad)|no entregad|error (?:de|en la) entrega",
    r"destinatario desconocido",
    r"não (?:\S+ ){0,4}?(?:entreg|enviad)|falha (?:na|de) (?:\S+ )?(?:entrega|envio)",
    r"non (?:\S+ ){0,5}?(?:recapit|consegn)|impossibile (?:recapitare|consegnare)|recapito non riuscito",
    r"mancat[oa] (?:recapito|consegna)",
    r"(?:niet|kan niet) (?:\S+ ){0,3}?(?:bezorgd|afgeleverd|verzonden)|onbestelbaar",
    r"aflevering (?:\S+ )?mislukt",
    r"(?:inte|ikke|kunne ikke|kunde inte|kan ikke|kan inte) (?:\S+ ){0,3}?(?:lever|nå)|olevererbar",
    r"kan ej levereras|uleverbar|ikke leveres",
    r"nie (?:\S+ ){0,4}?(?:dostarcz|doręcz)|niedoręcz|ei voitu toimittaa|toimitus epäonnistui|nelze doručit",
    r"nedoručiteln|nem kézbesíthető",
    r"teslim edilem|gönderilem",
    r"(?:送信|配信|配送|配達|お届け)(?:が|は|を|に|する)?(?:こと(?:が|は))?(?:でき|失敗|エラー|不能)|(?:送信|メール)エラー|メールアドレスが(?:見つか|存在)",
    r"无法(?:投递|发送|送达|传递)|退信|投递失败|無法(?:傳遞|傳送|遞送|寄達)|退件",
)
DELAYS = (
    r"delay(?:ed| reason)|\(delay\)|still being retried|(?:will|to) be retried",
    r"not (?:yet|been yet) (?:been )?delivered|has not yet been",
    r"warning (?:message )?only|(?:just|only) a warning|temporar(?:y|ily) (?:fail|error|problem|unable|un)",
    r"will (?:continue|keep)",
    r"still (?:trying|attempting)|continue (?:to )?(?:be made|attempt|try)|transient|do not need to resend",
    r"задерж|отложен|ещ[её] не доставлен|попытки (?:\S+ ){0,3}(?:продолж|повтор)",
    r"временн\w+ (?:ошибк|сбо|проблем)",
    r"verzögert|noch nicht zugestellt|retard|différé|demora|retras|ritardo|ritardat|vertraagd|forsink|försen",
    r"opóźn",
    r"遅延|遅れ|延迟|延遲",
)
SUBJECTS = (
    r"undeliver|non-?deliver|not delivered",
    r"deliver\w* (?:\w+ )?(?:status|fail|error|problem|delay|incomplete|notification|report)",
    r"(?:mail|message|delivery)\W+(?:\w+ )?(?:failure|failed|error|delayed|returned|bounced|rejected|blocked"
    r"|not sent)",
    r"return(?:ed|ing) (?:mail|message|e-?mail)|failure (?:notice|notification|delivery)",
    r"failed (?:mail|delivery|message)|fail(?:ed|ure) to deliver",
    r"mail system error|bounce|warning: (?:message|could not|e-?mail)|delayed mail",
    r"could not (?:be )?(?:deliver|send)|error sending your",
    r"automatically rejected|user unknown|unable to deliver|delivery notification",
    r"недостав|не ?доставлен|ошибк\w+ (?:при )?(?:доставк|отправк)|возврат",
    r"уведомление о (?:доставк|недоставк|состоянии доставк)|отч[её]т о доставк",
    r"не удалось доставить|не может быть доставлено|сбой доставки|задержк",
    r"unzustellbar|zustell|non remis|échec|retour\w* (?:de )?(?:courrier|mail)|no se puede entregar",
    r"no entregado|devuelto|não entregue|recapito|mancata consegna|onbestelbaar|olevererbar|uleverbar",
    r"ikke levert|kan ikke leveres|niedostarcz|niedoręcz|nedoručiteln",
    r"(?:メール|送信|配信)エラー|配信不能|退信|无法投递|退件|投递失败",
)
# Below these lines stands what was sent, not what became of it.
RETURNED = (
    r"-{2,80}.{0,40}(?:copy of (?:the|your)|original (?:message|mail)|returned (?:message|mail)|unsent message"
    r"|message (?:header|text|follows)|undelivered message|оригинал|исходное|копия|kopie|オリジナル)",
    r"={1,80} ?(?:original|returned|message).{0,60}=+ *$",
    r"\W{0,6}(?:below (?:this line )?is a copy|this is a copy of|message headers? follow"
    r"|original message headers?:|original message details|the (?:original"
    r"|first \d+ lines of the original) message|header of the (?:original|message)|the header of"
    r"|original message:?$|headers? of the original|(?:копия|текст|заголовки) (?:исходного|вашего"
    r"|оригинального|недоставленного))",
    r"(?:received|return-path|dkim-signature|mime-version|message-id|x-mailer|x-originating-ip)[ \t]*:",
)
# A mail system that shows no sign of a machine is believed only with such a subject above such a sentence.
REPORT_SUBJECTS = (
    r"undeliver(?:able|ed)(?: mail| message)?\b|return(?:ed|ing) (?:mail|message)\b",
    r"(?:mail )?delivery (?:failed|failure|status notification|has failed)|failure notice",
    r"mail (?:system|delivery) (?:error|failed|failure)|(?:mail|message) (?:could )?not (?:be )?delivered",
    r"non-?delivery",
    r"недоставленное|не удалось доставить|сообщение не доставлено|письмо не доставлено|unzustellbar",
    r"onbestelbaar",
)
REPORT_SENTENCES = (
    r"(?:could|can|was|were)(?: ?not) (?:be )?delivered to:? (?:the following|one or more|these|all|<?[^\s@]{1,64}@)",
    r"failed recipients",
    r"delivery (?:has failed )?to (?:the following|these) recipients?|did not reach the following",
    r"following addresses had",
    r"this is the (?:mail system|mail delivery|postfix|qmail)|mail delivery (?:software|subsystem|system)",
    r"automatically generated delivery",
    r"не (?:было|может быть|могло быть) доставлено (?:следующ|одному|адресат)",
    r"не удалось доставить (?:ваше )?(?:сообщение|письмо) (?:следующ|одному)",
)
