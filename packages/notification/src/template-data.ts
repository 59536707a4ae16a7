import { compareBytewise, type Labels, literalPattern } from "@narthex/model";
import { GoList, GoMap, GoStruct, GoTime, type NamedType, templateFunction } from "@narthex/template";
import {
  type AlertAcknowledgement,
  type Notification,
  type NotificationAlert,
  notificationStatus,
} from "./notification.ts";

type Texts = Readonly<Record<string, string>>;

interface TemplateAlert {
  readonly status: string;
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly startsAt: GoTime;
  /** End of the alert; Go's zero time while the alert fires. */
  readonly endsAt: GoTime;
  readonly generatorUrl: string;
  readonly fingerprint: string;
  readonly acknowledgement?: AlertAcknowledgement;
}

/** The data of a notification in templates, and the body of the webhook. */
export interface TemplateData {
  /** Name of the receiver, escaped as a regular expression, because links in notifications use it as one. */
  readonly receiver: string;
  readonly status: string;
  readonly alerts: readonly TemplateAlert[];
  readonly reason: string;
  readonly groupLabels: Texts;
  readonly commonLabels: Texts;
  readonly commonAnnotations: Texts;
  readonly routeLabels: Texts;
  readonly externalUrl: string;
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

/** Returns the entries of a map sorted by name, with alertname first. */
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

/** Returns labels or annotations as Alertmanager's template type `KV`. */
const keyValues = (record: Texts): GoMap => new GoMap(KV, new Map(Object.entries(record)), "");

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
  methods: { Acknowledgement: () => templateFunction([], () => null) },
};

const ACKNOWLEDGEMENT: NamedType<GoStruct> = {
  name: "template.Acknowledgement",
  jsonNames: { By: "createdBy", Comment: "comment", At: "createdAt" },
};

/** Returns an acknowledgement as the template value with the fields By, Comment and At. */
export const acknowledgementValue = ({ createdBy, comment, createdAt }: AlertAcknowledgement): GoStruct =>
  new GoStruct(ACKNOWLEDGEMENT, { By: createdBy, Comment: comment, At: GoTime.ofMilliseconds(createdAt) });

/**
 * Returns the type of an acknowledged alert. The acknowledgement is a method and not a field, so that a printed alert
 * and its JSON are the same as in Alertmanager.
 */
function acknowledgedType(acknowledgement: AlertAcknowledgement): NamedType<GoStruct> {
  const value = acknowledgementValue(acknowledgement);
  return { ...ALERT, methods: { Acknowledgement: () => templateFunction([], () => value) } };
}

const alertValue = (alert: TemplateAlert): GoStruct =>
  new GoStruct(alert.acknowledgement === undefined ? ALERT : acknowledgedType(alert.acknowledgement), {
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

/** Returns the labels or annotations that have the same value in all sets. */
export function commonPairs(sets: readonly Labels[]): Record<string, string> {
  const [first, ...others] = sets.map((set) => set.toRecord());
  const shared = Object.entries(first ?? {}).filter(([name, value]) => others.every((set) => set[name] === value));
  return Object.fromEntries(shared);
}

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

/** Go's type name for the data of a notification. Template errors contain this name. */
const DATA_POINTER: NamedType<GoStruct> = { ...DATA, name: "*template.Data" };

/** Returns the data of a notification as the root value (`.`) of a template. */
export const templateValue = (data: TemplateData, type: NamedType<GoStruct> = DATA): GoStruct =>
  new GoStruct(type, {
    Receiver: data.receiver,
    Status: data.status,
    Alerts: new GoList(ALERTS, data.alerts.map(alertValue)),
    NotificationReason: data.reason,
    GroupLabels: keyValues(data.groupLabels),
    CommonLabels: keyValues(data.commonLabels),
    CommonAnnotations: keyValues(data.commonAnnotations),
    RouteLabels: keyValues(data.routeLabels),
    ExternalURL: data.externalUrl,
  });

/** Returns the data of a notification for templates. `routeLabels` are the labels that the route sets. */
const notificationData = (notification: Notification, routeLabels: Texts): TemplateData => ({
  receiver: literalPattern(notification.receiver),
  status: notificationStatus(notification),
  alerts: notification.alerts.map(templateAlert),
  reason: notification.reason,
  groupLabels: notification.groupLabels.toRecord(),
  commonLabels: commonPairs(notification.alerts.map(({ labels }) => labels)),
  commonAnnotations: commonPairs(notification.alerts.map(({ annotations }) => annotations)),
  routeLabels,
  externalUrl: notification.externalUrl,
});

const templateAlert = (alert: NotificationAlert): TemplateAlert => ({
  status: alert.resolved ? "resolved" : "firing",
  labels: alert.labels.toRecord(),
  annotations: alert.annotations.toRecord(),
  startsAt: GoTime.ofMilliseconds(alert.startsAt),
  endsAt: alert.resolved ? GoTime.ofMilliseconds(alert.endsAt) : GoTime.ZERO,
  generatorUrl: alert.generatorUrl,
  fingerprint: alert.fingerprint,
  ...(alert.acknowledgement === undefined ? {} : { acknowledgement: alert.acknowledgement }),
});

/**
 * Returns the data of a notification as the root value (`.`) of its templates. The type is a pointer, as in
 * Alertmanager.
 */
export const notificationValue = (notification: Notification, routeLabels: Texts): GoStruct =>
  templateValue(notificationData(notification, routeLabels), DATA_POINTER);
