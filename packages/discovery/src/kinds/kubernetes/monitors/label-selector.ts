import { compareBytewise } from "@narthex/model";
import { labelSelectorFault } from "../selector.ts";
import { SpecError } from "../custom-objects/spec-error.ts";
import { type Json } from "./monitor.ts";
import { metaLabel } from "./relabel-rules.ts";
import type { SpecFields } from "../custom-objects/spec-fields.ts";

/** One condition of a label selector; https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/ */
interface Requirement {
  readonly key: string;
  readonly operator: "Equals" | "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values: readonly string[];
}

/** The `LabelSelector` of a monitor. Selects a Kubernetes object if all its conditions are true. */
export class MonitorSelector {
  readonly #requirements: readonly Requirement[];

  /** Throws SpecError if the Kubernetes API would refuse the selector. */
  constructor(fields: SpecFields | undefined) {
    this.#requirements = fields === undefined ? [] : [...equalities(fields), ...expressions(fields)];
    const fault = labelSelectorFault(this.text);
    if (fault !== undefined) throw new SpecError(fault);
  }

  /** The selector as a query parameter of the Kubernetes API: `a=b,c in (d,e),!f`, sorted by key. */
  get text(): string {
    return this.#requirements
      .toSorted((a, b) => compareBytewise(a.key, b.key))
      .map(requirementText)
      .join(",");
  }

  /** Returns relabeling rules that keep the targets whose service, pod or ingress matches the selector. */
  rules(object: string): readonly Record<string, Json>[] {
    return this.#requirements.map(({ key, operator, values }) => {
      const present = metaLabel(object, "labelpresent", key);
      const action = operator === "NotIn" || operator === "DoesNotExist" ? "drop" : "keep";
      if (operator === "Exists" || operator === "DoesNotExist")
        return { action, source_labels: [present], regex: "true" };
      return { action, source_labels: [metaLabel(object, "label", key), present], regex: `(${values.join("|")});true` };
    });
  }
}

function equalities(fields: SpecFields): Requirement[] {
  const labels = fields.object("matchLabels");
  if (labels === undefined) return [];
  return labels.keys
    .toSorted(compareBytewise)
    .map((key) => ({ key, operator: "Equals", values: [labels.text(key)] }) as const);
}

const OPERATORS = ["In", "NotIn", "Exists", "DoesNotExist"] as const;

function expressions(fields: SpecFields): Requirement[] {
  return fields.objects("matchExpressions").map((expression) => {
    const [key, found, values] = [expression.text("key"), expression.text("operator"), expression.texts("values")];
    const operator = OPERATORS.find((name) => name === found);
    if (operator === undefined) throw new SpecError(`${JSON.stringify(found)} is not a valid label selector operator`);
    const takesValues = operator === "In" || operator === "NotIn";
    if (takesValues && values.length === 0) throw new SpecError(`${key}: operator ${operator} needs values`);
    if (!takesValues && values.length > 0) throw new SpecError(`${key}: operator ${operator} does not accept values`);
    return { key, operator, values };
  });
}

function requirementText({ key, operator, values }: Requirement): string {
  if (operator === "Equals") return `${key}=${values[0]!}`;
  if (operator === "Exists") return key;
  if (operator === "DoesNotExist") return `!${key}`;
  return `${key} ${operator === "In" ? "in" : "notin"} (${values.toSorted(compareBytewise).join(",")})`;
}
