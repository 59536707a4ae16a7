import { compareBytewise, trimTrailing } from "@narthex/model";
import { jsonString } from "@narthex/template";
import { PermanentError, hashGroupKey } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { compactJson, sortedJsonObject } from "../http/json.ts";
import type { JiraConfig } from "./jira-section.ts";
import { renderPayload } from "../templates/payload.ts";
import { isTemplateFault } from "../templates/renderer.ts";
import { truncateRunes } from "../templates/truncate.ts";

/** Maximum lengths of texts that Jira accepts, in code points. */
const MAX_SUMMARY = 255;
const MAX_DESCRIPTION = 32767;

/** Returns the label by which the Jira issue of an alert group is found. */
export const labelOf = (groupKey: string): string => `ALERT{${hashGroupKey(groupKey)}}`;

/** Calls `render`. If a template fails, throws PermanentError with the name of the Jira field. */
export function naming<T>(field: string, render: () => T): T {
  try {
    return render();
  } catch (error) {
    if (isTemplateFault(error)) throw new PermanentError(`${field}: ${error.message}`);
    throw error;
  }
}

/**
 * Returns the request body for creating or updating an issue. With `update`, omits the texts for which the
 * configuration disables updates, because users may have edited them. Throws PermanentError if a template fails.
 */
export function issueBody(config: JiraConfig, { notification, render }: Attempt, update: boolean): string {
  const text = (field: string, template: string): string => naming(`${field} template`, () => render.text(template));
  const summary = truncateRunes(text("summary", config.summary.template), MAX_SUMMARY);
  const project = text("project", config.project);
  const issueType = text("issue_type", config.issueType);
  const custom = naming("fields template", () =>
    [...config.fields].map(
      ([name, value]) => [name, renderPayload(value, (template) => render.text(template))] as const,
    ),
  );
  const description = descriptionJson(config, text("description", config.description.template));
  const labels = config.labels.map((label, i) => text(`labels[${i}]`, label));
  const priority = text("priority", config.priority);
  const fields: [string, string][] = [
    ["issuetype", nameJson(issueType)],
    ["labels", `[${[...labels, labelOf(notification.groupKey)].sort(compareBytewise).map(jsonString).join(",")}]`],
    ["project", `{"key":${jsonString(project)}}`],
  ];
  if (!update || config.summary.enableUpdate !== false) fields.push(["summary", jsonString(summary)]);
  const describes = !update || config.description.enableUpdate !== false;
  if (describes && description !== undefined) fields.push(["description", description]);
  if (priority !== "") fields.push(["priority", nameJson(priority)]);
  return `{"fields":${sortedJsonObject([...fields, ...custom])}}\n`;
}

const nameJson = (name: string): string => (name === "" ? "{}" : `{"name":${jsonString(name)}}`);

/**
 * Returns the description of an issue as JSON. In version 2 of the API the description is a text. In version 3 it is a
 * document in Atlassian's format, which the template produces as JSON.
 */
function descriptionJson(config: JiraConfig, rendered: string): string | undefined {
  const description = truncateRunes(rendered, MAX_DESCRIPTION);
  if (!isVersion3(config.apiUrl)) return description === "" ? undefined : jsonString(description);
  const document = description.trim();
  if (document === "") return undefined;
  try {
    JSON.parse(document);
  } catch {
    throw new PermanentError("description template: invalid JSON for API v3");
  }
  return compactJson(document);
}

const isVersion3 = (apiUrl: string): boolean => trimTrailing(new URL(apiUrl).pathname, "/").endsWith("/3");
