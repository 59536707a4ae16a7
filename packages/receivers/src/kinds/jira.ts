import { goJson } from "@narthex/http";
import { quote } from "@narthex/model";
import { PermanentError, notificationStatus, type Delivery } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { joinPath } from "../http/go-url.ts";
import { HttpPoster } from "../http/http-poster.ts";
import { JiraApi, listIn } from "./jira-api.ts";
import { issueBody, labelOf, naming } from "./jira-issue.ts";
import { jiraSection, resolveJira, type JiraConfig } from "./jira-section.ts";
import { defineReceiver } from "../receiver-kind.ts";

/**
 * Keeps one Jira issue for each alert group. Finds the issue by a label, creates or updates it, and moves it when the
 * group is resolved or fires again.
 */
export const jira = defineReceiver<JiraConfig>({
  key: "jira_configs",
  kind: "jira",
  section: jiraSection,
  resolve: resolveJira,
  async open(config, tools) {
    const poster = await HttpPoster.open(config.httpConfig!, tools);
    return {
      send: (attempt) => updateIssue(new JiraApi(config.apiUrl, poster, attempt), config, attempt),
      close: () => poster.close(),
    };
  },
});

interface FoundIssue {
  readonly key: string;
  /** Whether the Jira issue is closed. Undefined if the response does not contain its status. */
  readonly done: boolean | undefined;
}

async function updateIssue(api: JiraApi, config: JiraConfig, attempt: Attempt): Promise<Delivery> {
  const firing = notificationStatus(attempt.notification) === "firing";
  const found = await find(api, config, attempt, firing);
  if (found === undefined) {
    if (firing) await write(api, "POST", "issue", issueBody(config, attempt, false));
    return { kind: "sent" };
  }
  await write(api, "PUT", `issue/${found.key}`, issueBody(config, attempt, true));
  if (found.done === undefined || found.done !== firing) return { kind: "sent" };
  const transition = firing ? config.reopenTransition : config.resolveTransition;
  if (transition !== "") await move(api, found.key, transition);
  return { kind: "sent" };
}

async function write(api: JiraApi, method: "POST" | "PUT", path: string, body: string): Promise<void> {
  await api.call(method, api.url(path), body, `failed to ${method} request to ${quote(path)}`);
}

async function find(
  api: JiraApi,
  config: JiraConfig,
  { notification, render }: Attempt,
  firing: boolean,
): Promise<FoundIssue | undefined> {
  const project = naming("failed to look up existing issues: invalid project template or value", () =>
    render.text(config.project),
  );
  const jql =
    conditions(config, firing) +
    `project=${quote(project)} and labels=${quote(labelOf(notification.groupKey))} order by status ASC,resolutiondate DESC`;
  const body = `${goJson({ fields: ["status"], jql, maxResults: 2 })}\n`;
  const what = "failed to look up existing issues";
  const answer = await api.call("POST", searchUrl(config), body, `${what}: HTTP request to JIRA API`);
  const [issue] = listIn<SearchedIssue>(answer, "issues", what);
  if (issue === undefined) return undefined;
  const status = issue.fields?.status ?? undefined;
  return { key: issue.key ?? "", done: status === undefined ? undefined : status.statusCategory?.key === "done" };
}

interface SearchedIssue {
  readonly key?: string;
  readonly fields?: { readonly status?: { readonly statusCategory?: { readonly key?: string } } | null };
}

/**
 * Returns the JQL conditions that find the issue of an alert group. Excludes issues that will not be fixed. Includes
 * closed issues only if they were closed within reopen_duration.
 */
function conditions({ wontFixResolution, reopenTransition, reopenDurationMs }: JiraConfig, firing: boolean): string {
  const fixed =
    wontFixResolution === "" ? "" : `(resolution is EMPTY or resolution != ${quote(wontFixResolution)}) and `;
  const minutes = Math.floor(reopenDurationMs / 60_000);
  const reopens = firing && reopenTransition !== "" && minutes > 0;
  return (
    fixed +
    (reopens ? `(resolutiondate is EMPTY OR resolutiondate >= -${minutes}m) and ` : "statusCategory != Done and ")
  );
}

/**
 * Returns the URL for searching Jira issues. Jira Cloud has removed the search of API version 2, and Data Center lacks
 * the search of version 3.
 */
function searchUrl({ apiUrl, apiType }: JiraConfig): string {
  const cloud = apiType === "cloud" || (apiType === "auto" && new URL(apiUrl).host.endsWith("atlassian.net"));
  return cloud ? joinPath(apiUrl, "search/jql").replace("/rest/api/2/", "/rest/api/3/") : joinPath(apiUrl, "search");
}

async function move(api: JiraApi, key: string, name: string): Promise<void> {
  const url = api.url(`issue/${key}/transitions`);
  const answer = await api.call("GET", url, undefined);
  const transitions = listIn<{ readonly id?: string; readonly name?: string }>(answer, "transitions");
  const wanted = transitions.find((transition) => transition.name === name);
  if (wanted === undefined) throw new PermanentError(`can't find transition ${name} for issue ${key}`);
  await api.call("POST", url, `${goJson({ transition: { id: wanted.id } })}\n`);
}
