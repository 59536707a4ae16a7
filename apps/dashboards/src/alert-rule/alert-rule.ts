import type { Feature } from "@narthex/http";
import { needs } from "../auth/rights.ts";
import { badRequest, refusal } from "../web/refusal.ts";
import { type Body, bodyOfRequest, flagAt, numberAt, objectAt, textAt, textsAt } from "../web/request-body.ts";
import type { ThresholdRequest } from "./threshold-rule.ts";

const MAX_BYTES = 131_072;

function requestOf(body: Body): ThresholdRequest {
  const condition = objectAt(body, "condition") ?? {};
  const value = numberAt(condition, "value");
  if (value === undefined) throw refusal(400, "give the value that the query is compared with");
  const query = objectAt(body, "query");
  const panel = objectAt(body, "panel") ?? {};
  if (query === undefined) throw badRequest();
  if (textAt(query, "expr").trim() === "") throw refusal(400, "the query has no expression");
  return {
    query,
    condition: { isAbove: flagAt(condition, "isAbove"), value },
    group: textAt(body, "group"),
    name: textAt(body, "name"),
    wait: textAt(body, "wait"),
    severity: textAt(body, "severity"),
    summary: textAt(body, "summary"),
    description: textAt(body, "description"),
    unit: textAt(body, "unit"),
    labels: textsAt(body, "labels"),
    panel: {
      title: textAt(panel, "title"),
      id: textAt(panel, "id"),
      dashboardUid: textAt(panel, "dashboardUid"),
      address: textAt(panel, "address"),
    },
  };
}

/**
 * Adds the API that generates alerting rules from thresholds of panels. The rules are checked with the parser of rule
 * files, and are not saved.
 */
export function openAlertRule(): Feature {
  return {
    name: "alert rules from thresholds",
    routes({ app }) {
      app.post(
        "/api/narthex/alert-rule",
        { ...needs("viewer", "datasources:query"), bodyLimit: MAX_BYTES },
        async (request) => {
          const wanted = requestOf(bodyOfRequest(request));
          // Loads the parser of rule files at the first request, because rules are rarely requested.
          const { thresholdRule } = await import("./threshold-rule.ts");
          return thresholdRule(wanted);
        },
      );
    },
  };
}
