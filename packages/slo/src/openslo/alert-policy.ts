import {
  type Codec,
  decimal,
  field,
  flag,
  INVALID,
  listOf,
  millis,
  optional,
  section,
  text,
  type YamlNode,
} from "@narthex/config";
import { anyNode, ignored, lenient } from "../codecs.ts";
import type { BurnRateAlert } from "../objective.ts";
import { OPERATORS } from "./indicator.ts";

/** A condition of an alert: the burn rate in one window. */
export interface AlertCondition {
  readonly description: string;
  readonly severity: string;
  readonly operator: string;
  readonly threshold: number;
  readonly windowMs: number;
  readonly forMs: number;
}

interface RawCondition {
  readonly kind: string;
  readonly op: string;
  readonly threshold: number;
  readonly windowMs: number;
  readonly forMs: number;
}

const condition: Codec<Omit<AlertCondition, "description" | "severity">> = section(
  "condition",
  {
    kind: field("kind", text, "burnrate"),
    op: field("op", text, "gt"),
    threshold: field("threshold", decimal, 0),
    windowMs: field("lookbackWindow", millis, 0),
    forMs: field("alertAfter", millis, 0),
  },
  ({ kind, op, threshold, windowMs, forMs }: RawCondition, at, report) => {
    const operator = OPERATORS.get(op);
    if (kind.toLowerCase() !== "burnrate" || operator === undefined || windowMs === 0) {
      report(
        at.self,
        "condition",
        "the condition is not a burn rate in a window",
        "write op, threshold and lookbackWindow",
      );
      return INVALID;
    }
    return { operator, threshold, windowMs, forMs };
  },
);

/** Codec of the `spec` of an object AlertCondition. */
export const alertCondition: Codec<AlertCondition> = section<
  {
    description: string;
    severity: string;
    condition: Omit<AlertCondition, "description" | "severity"> | undefined;
  },
  AlertCondition
>(
  "AlertCondition",
  {
    description: field("description", text, ""),
    severity: field("severity", text, "ticket"),
    condition: optional("condition", condition),
  },
  ({ description, severity, condition: own }, at, report) => {
    if (own !== undefined) return { description, severity, ...own };
    report(at.self, "condition", "the alert condition has no condition", "write condition");
    return INVALID;
  },
);

/** An alert policy whose conditions are not resolved yet. */
export interface AlertPolicy {
  readonly description: string;
  readonly isBreaching: boolean;
  readonly conditions: readonly YamlNode[];
}

/** Codec of the `spec` of an object AlertPolicy. */
export const alertPolicy: Codec<AlertPolicy> = section<
  AlertPolicy & { targets: undefined; noData: boolean; resolved: boolean },
  AlertPolicy
>("AlertPolicy", {
  description: field("description", text, ""),
  isBreaching: field("alertWhenBreaching", flag, true),
  noData: field("alertWhenNoData", flag, false),
  resolved: field("alertWhenResolved", flag, false),
  conditions: field("conditions", listOf(anyNode), []),
  targets: field("notificationTargets", ignored, undefined),
});

/** Returns the alert of a policy's condition. */
export const policyAlert = (name: string, policy: AlertPolicy, condition: AlertCondition): BurnRateAlert => ({
  name,
  labels: new Map([["severity", condition.severity]]),
  annotations: new Map(
    [["description", condition.description === "" ? policy.description : condition.description] as const].filter(
      ([, value]) => value !== "",
    ),
  ),
  windowMs: condition.windowMs,
  factor: condition.threshold,
  operator: condition.operator,
  forMs: condition.forMs,
});

/** The metadata of an object of OpenSLO. */
export const metadata: Codec<{ readonly name: string }> = lenient(
  section<{ name: string }>("metadata", { name: field("name", text, "") }),
);
