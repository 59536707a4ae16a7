import type { JsonValue } from "../../answers/json-value.ts";
import type { TargetLabels } from "../../answers/targets-in-turns.ts";
import { prefixedLabels } from "../../target-labels.ts";
import { inEitherSpelling } from "./assignment-server.ts";

const USER_LABEL = "__meta_kuma_label_";

/** Returns the labels of the targets of an assignment. Labels of the assignment replace equal ones of a target. */
export function targetsOfAssignment(assignment: JsonValue): readonly TargetLabels[] {
  const shared = {
    ...prefixedLabels(USER_LABEL, assignment.textsByName("labels")),
    __meta_kuma_mesh: assignment.text("mesh"),
    __meta_kuma_service: assignment.text("service"),
  };
  return assignment.list("targets").map((target) => ({
    ...prefixedLabels(USER_LABEL, target.textsByName("labels")),
    ...shared,
    __meta_kuma_dataplane: target.text("name"),
    __address__: target.text("address"),
    instance: target.text("name"),
    __scheme__: target.text("scheme"),
    __metrics_path__: inEitherSpelling(target, "metricsPath", "metrics_path").asText(),
  }));
}
