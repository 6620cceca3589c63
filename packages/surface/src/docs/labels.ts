/** Every text of the reference that is not a contract's own. A missing one does not compile. */
export interface Labels {
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  readonly documentation: string
  readonly contents: string
  readonly tutorial: string
  readonly guides: string
  readonly reference: string
  readonly explanation: string
  readonly skip: string
  readonly search: string
  readonly noResults: string
  readonly languages: string
  readonly contracts: string
  readonly command: string
  readonly query: string
  readonly event: string
  readonly commands: string
  readonly queries: string
  readonly events: string
  readonly type: string
  readonly version: string
  readonly stability: string
  readonly stabilities: Readonly<Record<'experimental' | 'beta' | 'stable' | 'deprecated', string>>
  readonly tags: string
  readonly owners: string
  readonly file: string
  readonly goal: string
  readonly context: string
  readonly caller: string
  readonly callers: Readonly<Record<'anonymous' | 'user' | 'service' | 'operator', string>>
  readonly subject: string
  readonly permissions: string
  readonly destructive: string
  readonly input: string
  readonly output: string
  readonly payload: string
  readonly outputs: Readonly<Record<'one' | 'page' | 'stream', string>>
  readonly field: string
  readonly presence: string
  readonly required: string
  readonly optional: string
  readonly meaning: string
  readonly none: string
  readonly examples: string
  readonly answers: string
  readonly refused: string
  readonly calls: string
  readonly surfaces: Readonly<Record<'rest' | 'graphql' | 'mcp' | 'client' | 'cli' | 'json' | 'bus', string>>
  readonly copy: string
  readonly copied: string
  readonly errors: string
  readonly code: string
  readonly status: string
  readonly when: string
  readonly remedy: string
  readonly remedies: Readonly<Record<'declared' | 'later', string>> & Readonly<Record<string, string>>
  readonly everyOperation: string
  readonly emits: string
  readonly emittedBy: string
  readonly handledBy: string
  readonly tracks: string
  readonly limits: string
  readonly inputBytes: string
  readonly timeoutMs: string
  readonly usual: string
  readonly idempotency: string
  readonly idempotencies: Readonly<Record<'key' | 'idempotent' | 'query', string>>
  readonly reportable: string
  readonly reporters: Readonly<Record<'server' | 'client', string>>
  readonly retention: string
  readonly forever: string
  readonly personal: string
  readonly versions: string
  readonly deprecated: string
  readonly until: string
  readonly successor: string
  readonly source: string
}

const en: Labels = {
  language: 'English',
  direction: 'ltr',
  documentation: 'Documentation',
  contents: 'Contents',
  tutorial: 'Tutorial',
  guides: 'Guides',
  reference: 'Reference',
  explanation: 'Explanation',
  skip: 'Skip to the content',
  search: 'Search',
  noResults: 'Nothing is called that.',
  languages: 'Languages',
  contracts: 'Contracts',
  command: 'command',
  query: 'query',
  event: 'event',
  commands: 'Commands',
  queries: 'Queries',
  events: 'Events',
  type: 'Type',
  version: 'Version',
  stability: 'Stability',
  stabilities: { experimental: 'experimental', beta: 'beta', stable: 'stable', deprecated: 'deprecated' },
  tags: 'Tags',
  owners: 'Owners',
  file: 'File',
  goal: 'Goal',
  context: 'Context',
  caller: 'Who may call',
  callers: {
    anonymous: 'Everybody, without a credential.',
    user: 'The learner whom the input names, services whose scope covers the operation, and operators.',
    service: 'Services whose scope covers the operation, and operators.',
    operator: 'Operators.',
  },
  subject: 'The input names the learner in',
  permissions: 'Scopes that are needed besides',
  destructive: 'This command ends, removes or takes back something.',
  input: 'Input',
  output: 'Output',
  payload: 'Payload',
  outputs: { one: 'One answer.', page: 'A page: `nextCursor` is the `cursor` of the next one.', stream: 'A stream of items.' },
  field: 'Field',
  presence: 'Required',
  required: 'required',
  optional: 'optional',
  meaning: 'Meaning',
  none: 'None',
  examples: 'Examples',
  answers: 'The answer:',
  refused: 'It is refused with',
  calls: 'How to call it',
  surfaces: { rest: 'REST', graphql: 'GraphQL', mcp: 'MCP', client: 'Client', cli: 'Command line', json: 'JSON', bus: 'Bus' },
  copy: 'Copy',
  copied: 'Copied',
  errors: 'Errors',
  code: 'Code',
  status: 'Status',
  when: 'When',
  remedy: 'What to do',
  remedies: {
    declared: 'Change the call as its detail says.',
    later: 'Send the same call again later.',
    VALIDATION_FAILED: 'Correct each field that `errors` names.',
    UNAUTHENTICATED: 'Send a credential that is valid.',
    FORBIDDEN: 'Call with a credential that covers it, or about yourself.',
    NOT_FOUND: 'Correct the name.',
    CONFLICT: 'Read what is stored, and use another id.',
    IDEMPOTENCY_MISMATCH: 'Use a new key for a new input.',
    PAYLOAD_TOO_LARGE: 'Send less at once.',
    RATE_LIMITED: 'Wait for as long as `Retry-After` says.',
    GONE: 'Move to the successor.',
    TIMEOUT: 'Send the same call again.',
    INTERNAL: 'Send it again, and report the `instance` when it stays.',
  },
  everyOperation: 'Of every operation',
  emits: 'Emits',
  emittedBy: 'Emitted by',
  handledBy: 'Handled by',
  tracks: 'Tracks that listen',
  limits: 'Limits',
  inputBytes: 'Largest input, in bytes',
  timeoutMs: 'Longest time, in milliseconds',
  usual: 'those of the surface',
  idempotency: 'Repeating a call',
  idempotencies: {
    key: 'With an `Idempotency-Key` a repeated call changes nothing more.',
    idempotent: 'A repeated call changes nothing more.',
    query: 'A query changes nothing.',
  },
  reportable: 'Who may report it',
  reporters: { server: 'Services.', client: 'Services, and the app of the learner.' },
  retention: 'How long payloads are kept',
  forever: 'for ever',
  personal: 'Personal data',
  versions: 'Versions',
  deprecated: 'Deprecated since',
  until: 'switched off on',
  successor: 'its successor is',
  source: 'Source definition',
}

const de: Labels = {
  language: 'Deutsch',
  direction: 'ltr',
  documentation: 'Dokumentation',
  contents: 'Inhalt',
  tutorial: 'Einführung',
  guides: 'Anleitungen',
  reference: 'Referenz',
  explanation: 'Erklärung',
  skip: 'Zum Inhalt',
  search: 'Suche',
  noResults: 'So heißt nichts.',
  languages: 'Sprachen',
  contracts: 'Verträge',
  command: 'Befehl',
  query: 'Abfrage',
  event: 'Ereignis',
  commands: 'Befehle',
  queries: 'Abfragen',
  events: 'Ereignisse',
  type: 'Art',
  version: 'Version',
  stability: 'Reife',
  stabilities: { experimental: 'im Versuch', beta: 'in Erprobung', stable: 'stabil', deprecated: 'abgekündigt' },
  tags: 'Schlagwörter',
  owners: 'Zuständig',
  file: 'Datei',
  goal: 'Ziel',
  context: 'Zusammenhang',
  caller: 'Wer aufrufen darf',
  callers: {
    anonymous: 'Alle, ohne Ausweis.',
    user: 'Die Person, die die Eingabe nennt, Dienste, deren Berechtigung die Operation umfasst, und Betreiber.',
    service: 'Dienste, deren Berechtigung die Operation umfasst, und Betreiber.',
    operator: 'Betreiber.',
  },
  subject: 'Die Eingabe nennt die Person in',
  permissions: 'Berechtigungen, die es außerdem braucht',
  destructive: 'Dieser Befehl beendet oder entfernt etwas, oder nimmt es zurück.',
  input: 'Eingabe',
  output: 'Ausgabe',
  payload: 'Inhalt',
  outputs: {
    one: 'Eine Antwort.',
    page: 'Eine Seite: `nextCursor` ist der `cursor` der nächsten.',
    stream: 'Ein Strom von Einträgen.',
  },
  field: 'Feld',
  presence: 'Nötig',
  required: 'nötig',
  optional: 'freiwillig',
  meaning: 'Bedeutung',
  none: 'Keine',
  examples: 'Beispiele',
  answers: 'Die Antwort:',
  refused: 'Abgelehnt wird es mit',
  calls: 'So wird sie aufgerufen',
  surfaces: { rest: 'REST', graphql: 'GraphQL', mcp: 'MCP', client: 'Client', cli: 'Kommandozeile', json: 'JSON', bus: 'Bus' },
  copy: 'Kopieren',
  copied: 'Kopiert',
  errors: 'Fehler',
  code: 'Code',
  status: 'Status',
  when: 'Wann',
  remedy: 'Was hilft',
  remedies: {
    declared: 'Den Aufruf ändern, wie es das Detail sagt.',
    later: 'Denselben Aufruf später noch einmal senden.',
    VALIDATION_FAILED: 'Jedes Feld berichtigen, das `errors` nennt.',
    UNAUTHENTICATED: 'Einen gültigen Ausweis senden.',
    FORBIDDEN: 'Mit einem Ausweis aufrufen, der das umfasst, oder über sich selbst.',
    NOT_FOUND: 'Den Namen berichtigen.',
    CONFLICT: 'Lesen, was gespeichert ist, und eine andere Kennung nehmen.',
    IDEMPOTENCY_MISMATCH: 'Für eine neue Eingabe einen neuen Schlüssel nehmen.',
    PAYLOAD_TOO_LARGE: 'Weniger auf einmal senden.',
    RATE_LIMITED: 'So lange warten, wie `Retry-After` sagt.',
    GONE: 'Zum Nachfolger wechseln.',
    TIMEOUT: 'Denselben Aufruf noch einmal senden.',
    INTERNAL: 'Noch einmal senden; wenn es bleibt, die `instance` melden.',
  },
  everyOperation: 'Bei jeder Operation',
  emits: 'Meldet',
  emittedBy: 'Gemeldet von',
  handledBy: 'Verarbeitet von',
  tracks: 'Tracks, die darauf hören',
  limits: 'Grenzen',
  inputBytes: 'Größte Eingabe in Bytes',
  timeoutMs: 'Längste Dauer in Millisekunden',
  usual: 'die der Oberfläche',
  idempotency: 'Ein Aufruf noch einmal',
  idempotencies: {
    key: 'Mit einem `Idempotency-Key` ändert ein wiederholter Aufruf nichts mehr.',
    idempotent: 'Ein wiederholter Aufruf ändert nichts mehr.',
    query: 'Eine Abfrage ändert nichts.',
  },
  reportable: 'Wer es melden darf',
  reporters: { server: 'Dienste.', client: 'Dienste und die App der Person.' },
  retention: 'Wie lange Inhalte bleiben',
  forever: 'für immer',
  personal: 'Personenbezogene Daten',
  versions: 'Versionen',
  deprecated: 'Abgekündigt seit',
  until: 'abgeschaltet am',
  successor: 'Nachfolger ist',
  source: 'Definition im Quelltext',
}

const ar: Labels = {
  language: 'العربية',
  direction: 'rtl',
  documentation: 'التوثيق',
  contents: 'المحتويات',
  tutorial: 'درس تمهيدي',
  guides: 'أدلة',
  reference: 'المرجع',
  explanation: 'شرح',
  skip: 'انتقل إلى المحتوى',
  search: 'بحث',
  noResults: 'لا يوجد شيء بهذا الاسم.',
  languages: 'اللغات',
  contracts: 'العقود',
  command: 'أمر',
  query: 'استعلام',
  event: 'حدث',
  commands: 'الأوامر',
  queries: 'الاستعلامات',
  events: 'الأحداث',
  type: 'النوع',
  version: 'الإصدار',
  stability: 'الاستقرار',
  stabilities: { experimental: 'تجريبي', beta: 'قيد الاختبار', stable: 'مستقر', deprecated: 'مهمل' },
  tags: 'الوسوم',
  owners: 'المسؤولون',
  file: 'الملف',
  goal: 'الهدف',
  context: 'السياق',
  caller: 'من يحق له الاستدعاء',
  callers: {
    anonymous: 'الجميع، دون بيانات اعتماد.',
    user: 'المتعلم الذي يسميه المدخل، والخدمات التي يشمل نطاقها العملية، والمشغلون.',
    service: 'الخدمات التي يشمل نطاقها العملية، والمشغلون.',
    operator: 'المشغلون.',
  },
  subject: 'يسمي المدخل المتعلم في',
  permissions: 'صلاحيات مطلوبة إضافة إلى ذلك',
  destructive: 'هذا الأمر ينهي شيئًا أو يحذفه أو يتراجع عنه.',
  input: 'المدخل',
  output: 'المخرج',
  payload: 'المحتوى',
  outputs: {
    one: 'جواب واحد.',
    page: 'صفحة: `nextCursor` هو `cursor` للصفحة التالية.',
    stream: 'دفق من العناصر.',
  },
  field: 'الحقل',
  presence: 'الإلزام',
  required: 'مطلوب',
  optional: 'اختياري',
  meaning: 'المعنى',
  none: 'لا شيء',
  examples: 'أمثلة',
  answers: 'الجواب:',
  refused: 'يُرفض بالرمز',
  calls: 'كيفية الاستدعاء',
  surfaces: { rest: 'REST', graphql: 'GraphQL', mcp: 'MCP', client: 'العميل', cli: 'سطر الأوامر', json: 'JSON', bus: 'الناقل' },
  copy: 'نسخ',
  copied: 'تم النسخ',
  errors: 'الأخطاء',
  code: 'الرمز',
  status: 'الحالة',
  when: 'متى',
  remedy: 'ما العمل',
  remedies: {
    declared: 'غيّر الاستدعاء كما يقول التفصيل.',
    later: 'أرسل الاستدعاء نفسه لاحقًا.',
    VALIDATION_FAILED: 'صحّح كل حقل تسميه `errors`.',
    UNAUTHENTICATED: 'أرسل بيانات اعتماد صالحة.',
    FORBIDDEN: 'استخدم بيانات اعتماد تشمل ذلك، أو اسأل عن نفسك.',
    NOT_FOUND: 'صحّح الاسم.',
    CONFLICT: 'اقرأ المخزّن واستخدم معرّفًا آخر.',
    IDEMPOTENCY_MISMATCH: 'استخدم مفتاحًا جديدًا لمدخل جديد.',
    PAYLOAD_TOO_LARGE: 'أرسل أقل في المرة الواحدة.',
    RATE_LIMITED: 'انتظر المدة التي يذكرها `Retry-After`.',
    GONE: 'انتقل إلى الإصدار البديل.',
    TIMEOUT: 'أرسل الاستدعاء نفسه مرة أخرى.',
    INTERNAL: 'أعد الإرسال، وأبلغ عن `instance` إذا استمر.',
  },
  everyOperation: 'في كل عملية',
  emits: 'يُصدر',
  emittedBy: 'يصدره',
  handledBy: 'يعالجه',
  tracks: 'المسارات التي تستمع',
  limits: 'الحدود',
  inputBytes: 'أكبر مدخل بالبايت',
  timeoutMs: 'أطول مدة بالملّي ثانية',
  usual: 'حدود الواجهة',
  idempotency: 'تكرار الاستدعاء',
  idempotencies: {
    key: 'مع `Idempotency-Key` لا يغيّر التكرار شيئًا.',
    idempotent: 'لا يغيّر التكرار شيئًا.',
    query: 'الاستعلام لا يغيّر شيئًا.',
  },
  reportable: 'من يحق له الإبلاغ',
  reporters: { server: 'الخدمات.', client: 'الخدمات وتطبيق المتعلم.' },
  retention: 'مدة حفظ المحتوى',
  forever: 'دائمًا',
  personal: 'بيانات شخصية',
  versions: 'الإصدارات',
  deprecated: 'مهمل منذ',
  until: 'يُوقف في',
  successor: 'بديله',
  source: 'التعريف في المصدر',
}

/** By language tag (BCP 47); the first is the default. */
export const LABELS: Readonly<Record<'en' | 'de' | 'ar', Labels>> = { en, de, ar }
