import { expect, test } from "vitest";
import type { ManagedAlert, NotificationRecord } from "../api/alertmanager.ts";
import type { Alert } from "../api/rule-data.ts";
import type { LabelSet } from "../format/series-name.ts";
import { managedFinder, notificationFinder } from "./managed-alerts.ts";

const managed = (fingerprint: string, labels: LabelSet): ManagedAlert => ({
  fingerprint,
  labels,
  annotations: {},
  startsAt: "",
  endsAt: "",
  updatedAt: "",
  receivers: [],
  status: { state: "active", silencedBy: [], inhibitedBy: [] },
});
const alert = (labels: LabelSet, sentLabels?: readonly LabelSet[]): Alert => ({
  labels,
  annotations: {},
  state: "firing",
  activeAt: "",
  value: "1",
  ...(sentLabels !== undefined && { sentLabels }),
});

test("an alert is found by the labels with which the server sends it", () => {
  const find = managedFinder([managed("1", { alertname: "A", cluster: "lab" }), managed("2", { alertname: "A" })]);
  expect(find(alert({ alertname: "A" }, [{ cluster: "lab", alertname: "A" }]))?.fingerprint).toBe("1");
  expect(find(alert({ alertname: "A" }, [{ alertname: "Other" }, { alertname: "A" }]))?.fingerprint).toBe("2");
  expect(find(alert({ alertname: "A" }, []))).toBeUndefined();
});

test("without the sent labels, an alert is found if it is the only one with all labels", () => {
  const find = managedFinder([
    managed("1", { alertname: "A", job: "a", cluster: "lab" }),
    managed("2", { alertname: "A", job: "b", replica: "1" }),
    managed("3", { alertname: "A", job: "b", replica: "2" }),
  ]);
  expect(find(alert({ alertname: "A", job: "a" }))?.fingerprint).toBe("1");
  expect(find(alert({ alertname: "A", job: "b" }))).toBeUndefined();
  expect(find(alert({ alertname: "A", job: "b", replica: "2" }))?.fingerprint).toBe("3");
});

test("the latest notification of an alert through each integration is found", () => {
  const record = (id: string, index: number, firing: readonly string[]) =>
    ({
      id,
      receiver: { name: "r" },
      integration: { name: "email", index },
      alerts: { firing, resolved: [] },
    }) as unknown as NotificationRecord;
  const find = notificationFinder([record("3", 0, ["a"]), record("2", 1, ["a", "b"]), record("1", 0, ["a", "b"])]);
  expect(find("a").map(({ id }) => id)).toEqual(["3", "2"]);
  expect(find("b").map(({ id }) => id)).toEqual(["2", "1"]);
  expect(find("c")).toEqual([]);
});
