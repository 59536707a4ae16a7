import { templateValue } from "@narthex/notification";
import { type GoStruct, GoTime, parseLayout } from "@narthex/template";

type Texts = Readonly<Record<string, string>>;

/** The data of a notification as JSON. Missing fields are treated as empty. */
interface JsonData {
  readonly receiver?: string;
  readonly status?: string;
  readonly alerts?: readonly {
    readonly status?: string;
    readonly labels?: Texts;
    readonly annotations?: Texts;
    readonly startsAt?: string;
    readonly endsAt?: string;
    readonly generatorURL?: string;
    readonly fingerprint?: string;
  }[];
  readonly notification_reason?: string;
  readonly groupLabels?: Texts;
  readonly commonLabels?: Texts;
  readonly commonAnnotations?: Texts;
  readonly externalURL?: string;
}

/**
 * Builds the root value of templates from the JSON of a notification. Fields such as the common labels are taken from
 * the JSON, and not computed from the alerts.
 */
export const templateData = (json: JsonData): GoStruct =>
  templateValue({
    receiver: json.receiver ?? "",
    status: json.status ?? "",
    alerts: (json.alerts ?? []).map((alert) => ({
      status: alert.status ?? "",
      labels: alert.labels ?? {},
      annotations: alert.annotations ?? {},
      startsAt: timeOf(alert.startsAt),
      endsAt: timeOf(alert.endsAt),
      generatorUrl: alert.generatorURL ?? "",
      fingerprint: alert.fingerprint ?? "",
    })),
    reason: json.notification_reason ?? "",
    groupLabels: json.groupLabels ?? {},
    commonLabels: json.commonLabels ?? {},
    commonAnnotations: json.commonAnnotations ?? {},
    routeLabels: {},
    externalUrl: json.externalURL ?? "",
  });

function timeOf(text: string | undefined): GoTime {
  const parsed = text === undefined ? undefined : parseLayout("2006-01-02T15:04:05Z07:00", text);
  return parsed === undefined ? GoTime.ZERO : new GoTime(parsed.unixNanos, parsed.zone);
}

const MINUTE_MS = 60_000;

/** Returns the original amtool's sample data: two alerts, one firing and one resolved. */
export function sampleData(now: number): GoStruct {
  const commonLabels = { commonlabelkey1: "commonlabelvalue1", commonlabelkey2: "commonlabelvalue2" };
  const commonAnnotations = {
    commonannotationkey1: "commonannotationvalue1",
    commonannotationkey2: "commonannotationvalue2",
  };
  const alert = (status: string, minutes: number, labels: Texts, annotations: Texts, fingerprint: string) => ({
    status,
    labels: { ...commonLabels, ...labels },
    annotations: { ...commonAnnotations, ...annotations },
    startsAt: GoTime.ofMilliseconds(now - minutes * MINUTE_MS).toJSON(),
    endsAt: GoTime.ofMilliseconds(now).toJSON(),
    generatorURL: "https://generatorurl.com",
    fingerprint,
  });
  const firing = { instance: "foo.bar:1234", label1: "value1", label2: "value2" };
  return templateData({
    receiver: "receiver",
    status: "alertstatus",
    alerts: [
      alert("firing", 5, firing, { annotation1: "value1", annotation2: "value2" }, "fingerprint1"),
      alert("resolved", 10, { foo: "bar", baz: "qux" }, { aaa: "bbb", ccc: "ddd" }, "fingerprint2"),
    ],
    groupLabels: { grouplabelkey1: "grouplabelvalue1", grouplabelkey2: "grouplabelvalue2" },
    commonLabels,
    commonAnnotations,
    externalURL: "https://example.com",
  });
}
