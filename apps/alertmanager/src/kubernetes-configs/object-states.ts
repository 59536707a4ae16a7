import { createHash } from "node:crypto";
import type { ObjectConfig, ObjectOutcome } from "@narthex/alertmanager-config";
import type { FoundAlertmanagerConfig, ObjectSettings } from "@narthex/discovery/alertmanager-configs";

/** State of an AlertmanagerConfig of Kubernetes, as the API shows it. */
export interface KubernetesConfigStatus {
  readonly namespace: string;
  readonly name: string;
  /** `waiting`: a Secret or ConfigMap that the object refers to has not been read yet. */
  readonly state: "accepted" | "refused" | "waiting";
  /** Reason why the object is refused or waits, or "" if it is accepted. */
  readonly error: string;
  /** Names of the object's receivers in the configuration. */
  readonly receivers: readonly string[];
}

/** An object that is part of the configuration. */
export interface AcceptedObject {
  readonly config: ObjectConfig;
  /** A text that differs for different settings. Contains no secrets. */
  readonly digest: string;
}

/** Checks the settings of an object. */
export type CheckObject = (settings: ObjectSettings) => Promise<ObjectOutcome>;

/** Result of checking an object. */
export interface CheckedObject {
  readonly status: KubernetesConfigStatus;
  readonly accepted: AcceptedObject | undefined;
  /** Settings of the last check, and the check. The next check is not needed if both are the same. */
  readonly identity: string;
  readonly settings: ObjectSettings | undefined;
  readonly by: CheckObject;
}

/**
 * Checks an object, or returns the previous result if nothing has changed. While an object waits for a Secret, its
 * previous settings stay in force.
 */
export async function checkedObject(
  found: FoundAlertmanagerConfig,
  before: CheckedObject | undefined,
  check: CheckObject,
): Promise<CheckedObject> {
  const { namespace, name, waitsFor } = found;
  const isWaiting = waitsFor !== "";
  const { identity, settings, problem } = isWaiting ? previousOf(before) : { ...found };
  const isSame = before?.identity === identity && before.by === check;
  if (isSame && !isWaiting && before.status.state !== "waiting") return before;
  const outcome = settings === undefined ? { ok: false as const, problems: [problem] } : await check(settings);
  const accepted = outcome.ok
    ? isSame && before.accepted !== undefined
      ? before.accepted
      : { config: outcome.config, digest: createHash("sha256").update(identity).digest("hex") }
    : undefined;
  const receivers = accepted?.config.receivers.map((receiver) => receiver.name) ?? [];
  const shown = isWaiting
    ? ({ state: "waiting", error: waitsFor } as const)
    : outcome.ok
      ? ({ state: "accepted", error: "" } as const)
      : ({ state: "refused", error: outcome.problems.join("; ") } as const);
  return { status: { namespace, name, ...shown, receivers }, accepted, identity, settings, by: check };
}

const previousOf = (before: CheckedObject | undefined) => ({
  identity: before?.identity ?? "",
  settings: before?.settings,
  problem: "",
});
