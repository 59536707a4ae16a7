import { GoList, GoMap, GoStruct, GoTime, type NamedType, templateFunction } from "@narthex/template";
import { compareBytewise } from "@narthex/model";

/** One alert of a notification. */
export interface NoticeAlert {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: GoTime;
  /** Zero while the alert fires. */
  readonly endsAt: GoTime;
  readonly generatorUrl: string;
  /** 16 hexadecimal digits. */
  readonly fingerprint: string;
}

/** What a receiver is told: one group of alerts at one flush. */
export interface Notice {
  /** The receiver's name as configured. */
  readonly receiver: string;
  readonly alerts: readonly NoticeAlert[];
  readonly reason: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly routeLabels: Readonly<Record<string, string>>;
  /** Without a slash at its end. */
  readonly externalUrl: string;
  readonly groupKey: string;
}

const STRINGS: NamedType<GoList> = {
  name: "template.Strings",
  methods: { Join: (list) => templateFunction(["string"], (separator) => list.items.join(separator)) },
};

const strings = (items: readonly string[]): GoList => new GoList(STRINGS, items);

const PAIR: NamedType<GoStruct> = { name: "template.Pair" };

const namesOf = (pairs: GoList): string[] => pairs.items.map((pair) => (pair as GoStruct).fields["Name"] as string);
const valuesOf = (pairs: GoList): string[] => pairs.items.map((pair) => (pair as GoStruct).fields["Value"] as string);

const PAIRS: NamedType<GoList> = {
  name: "template.Pairs",
  methods: {
    Names: (pairs) => templateFunction([], () => strings(namesOf(pairs))),
    Values: (pairs) => templateFunction([], () => strings(valuesOf(pairs))),
    String: (pairs) => templateFunction([], () => pairsText(pairs)),
  },
  text: (pairs) => pairsText(pairs),
};

function pairsText(pairs: GoList): string {
  const values = valuesOf(pairs);
  return namesOf(pairs)
    .map((name, i) => `${name}=${values[i]}`)
    .join(", ");
}

/** alertname first, then by name. */
function sortedPairs(map: GoMap): GoList {
  const names = [...map.entries.keys()].sort((a, b) => rank(a) - rank(b) || compareBytewise(a, b));
  return new GoList(
    PAIRS,
    names.map((name) => new GoStruct(PAIR, { Name: name, Value: map.entries.get(name) })),
  );
}

const rank = (name: string): number => (name === "alertname" ? 0 : 1);

const KV: NamedType<GoMap> = {
  name: "template.KV",
  methods: {
    SortedPairs: (map) => templateFunction([], () => sortedPairs(map)),
    Names: (map) => templateFunction([], () => strings(namesOf(sortedPairs(map)))),
    Values: (map) => templateFunction([], () => strings(valuesOf(sortedPairs(map)))),
    Remove: (map) =>
      templateFunction(["strings"], (names) => {
        const left = [...map.entries].filter(([name]) => !names.includes(name));
        return new GoMap(KV, new Map(left), "");
      }),
    String: (map) => templateFunction([], () => pairsText(sortedPairs(map))),
  },
  text: (map) => pairsText(sortedPairs(map)),
};

/** A label set as templates see it. */
export const keyValues = (record: Readonly<Record<string, string>>): GoMap =>
  new GoMap(KV, new Map(Object.entries(record)), "");

const ALERT: NamedType<GoStruct> = {
  name: "template.Alert",
  jsonNames: {
    Status: "status",
    Labels: "labels",
    Annotations: "annotations",
    StartsAt: "startsAt",
    EndsAt: "endsAt",
    GeneratorURL: "generatorURL",
    Fingerprint: "fingerprint",
  },
};

const alertValue = (alert: NoticeAlert): GoStruct =>
  new GoStruct(ALERT, {
    Status: alert.status,
    Labels: keyValues(alert.labels),
    Annotations: keyValues(alert.annotations),
    StartsAt: alert.startsAt,
    EndsAt: alert.endsAt,
    GeneratorURL: alert.generatorUrl,
    Fingerprint: alert.fingerprint,
  });

const withStatus = (alerts: GoList, status: string): GoList =>
  new GoList(
    { name: "[]template.Alert" },
    alerts.items.filter((alert) => (alert as GoStruct).fields["Status"] === status),
  );

const ALERTS: NamedType<GoList> = {
  name: "template.Alerts",
  methods: {
    Firing: (alerts) => templateFunction([], () => withStatus(alerts, "firing")),
    Resolved: (alerts) => templateFunction([], () => withStatus(alerts, "resolved")),
  },
};

/** Labels or annotations that every alert has with the same value. */
export function commonOf(sets: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first, ...others] = sets;
  const shared = Object.entries(first ?? {}).filter(([name, value]) => others.every((set) => set[name] === value));
  return Object.fromEntries(shared);
}

/** `firing` while any alert fires. */
export const noticeStatus = ({ alerts }: Pick<Notice, "alerts">): "firing" | "resolved" =>
  alerts.some(({ status }) => status === "firing") ? "firing" : "resolved";

const DATA: NamedType<GoStruct> = {
  name: "template.Data",
  jsonNames: {
    Receiver: "receiver",
    Status: "status",
    Alerts: "alerts",
    NotificationReason: "notification_reason",
    GroupLabels: "groupLabels",
    CommonLabels: "commonLabels",
    CommonAnnotations: "commonAnnotations",
    RouteLabels: "routeLabels",
    ExternalURL: "externalURL",
  },
};

/** As errors of notifications name it. */
const DATA_POINTER: NamedType<GoStruct> = { ...DATA, name: "*template.Data" };

/** The root value (`.`) of notification templates, which is also the body of the webhook. */
export const noticeValue = (notice: Notice, type: NamedType<GoStruct> = DATA): GoStruct =>
  new GoStruct(type, {
    Receiver: escapePattern(notice.receiver),
    Status: noticeStatus(notice),
    Alerts: new GoList(ALERTS, notice.alerts.map(alertValue)),
    NotificationReason: notice.reason,
    GroupLabels: keyValues(notice.groupLabels),
    CommonLabels: keyValues(commonOf(notice.alerts.map(({ labels }) => labels))),
    CommonAnnotations: keyValues(commonOf(notice.alerts.map(({ annotations }) => annotations))),
    RouteLabels: keyValues(notice.routeLabels),
    ExternalURL: notice.externalUrl,
  });

/** noticeValue() for a notification itself, where Go passes a pointer. */
export const notificationValue = (notice: Notice): GoStruct => noticeValue(notice, DATA_POINTER);

/** The receiver's name goes into links as a pattern, as Go's regexp.QuoteMeta writes it. */
const escapePattern = (name: string): string => name.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
