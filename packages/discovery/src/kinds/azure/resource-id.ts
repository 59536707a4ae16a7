import { AnswerError } from "../../answers/answer-error.ts";

/** Parts of the ID of a resource that discovery needs. */
export interface ResourceId {
  readonly resourceGroup: string;
  readonly name: string;
}

/**
 * Reads the ID of a resource: `/subscriptions/<id>/resourceGroups/<group>/providers/<provider>/<type>/<name>`. Throws
 * AnswerError for other texts.
 */
export function parseResourceId(id: string): ResourceId {
  const parts = id.split("/");
  const at = parts.findIndex((part) => part.toLowerCase() === "resourcegroups");
  const resourceGroup = at < 0 ? "" : (parts[at + 1] ?? "");
  const name = parts.at(-1) ?? "";
  if (id.startsWith("/") && resourceGroup !== "" && name !== "") return { resourceGroup, name };
  throw new AnswerError(`invalid ID '${id}': a resource group and a name are expected`);
}
