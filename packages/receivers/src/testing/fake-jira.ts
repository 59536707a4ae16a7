import { httpSink, type SinkAnswer, type ReceivedRequest } from "./http-sink.ts";

export interface FakeIssue {
  readonly key: string;
  fields: Record<string, unknown>;
  status: "To Do" | "Done";
  /** Name of the resolution, or "" while the issue is open. */
  resolution: string;
  /** Minutes since the issue was resolved. */
  resolvedMinutesAgo: number;
}

/** The simulated Jira's transitions by name, with the status to which they lead. */
const TRANSITIONS: Readonly<Record<string, { readonly id: string; readonly status: FakeIssue["status"] }>> = {
  Close: { id: "31", status: "Done" },
  Reopen: { id: "41", status: "To Do" },
};

/**
 * Starts a simulated Jira on the loopback interface. Stores issues, and supports the queries that the receiver makes.
 */
export async function fakeJira() {
  const issues: FakeIssue[] = [];
  const sink = await httpSink((request) => answer(issues, request));
  return {
    ...sink,
    issues,
    add(labels: readonly string[], state: Partial<Omit<FakeIssue, "key">> = {}): FakeIssue {
      const issue: FakeIssue = {
        key: `P-${issues.length + 1}`,
        fields: { project: { key: "P" }, labels },
        status: "To Do",
        resolution: "",
        resolvedMinutesAgo: 0,
        ...state,
      };
      issues.push(issue);
      return issue;
    },
    [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
  };
}

const json = (value: unknown, status = 200): SinkAnswer => ({
  status,
  type: "application/json",
  body: JSON.stringify(value),
});

function answer(issues: FakeIssue[], { method, url, body }: ReceivedRequest): SinkAnswer {
  const path = url.replace(/^\/rest\/api\/[23]\//, "");
  const sent = body === "" ? {} : (JSON.parse(body) as Record<string, unknown>);
  if (method === "POST" && /^search(?:\/jql)?$/.test(path)) {
    const found = issues.filter((issue) => matches(issue, sent["jql"] as string));
    return json({ issues: found.slice(0, sent["maxResults"] as number).map(shown) });
  }
  if (method === "POST" && path === "issue") {
    const key = `P-${issues.length + 1}`;
    const fields = sent["fields"] as Record<string, unknown>;
    issues.push({ key, fields, status: "To Do", resolution: "", resolvedMinutesAgo: 0 });
    return json({ id: "1", key }, 201);
  }
  const [, key, transitions] = /^issue\/([\w-]+)(\/transitions)?$/.exec(path) ?? [];
  const issue = issues.find((each) => each.key === key);
  if (issue === undefined) return json({ errorMessages: ["Issue does not exist"] }, 404);
  if (method === "PUT") {
    Object.assign(issue.fields, sent["fields"]);
    return { status: 204, body: "" };
  }
  if (transitions === undefined) return json({}, 405);
  return method === "GET" ? json({ transitions: possible(issue) }) : move(issue, sent);
}

const shown = ({ key, status }: FakeIssue): object => ({
  key,
  fields: { status: { name: status, statusCategory: { key: status === "Done" ? "done" : "new" } } },
});

const possible = ({ status }: FakeIssue): object[] =>
  Object.entries(TRANSITIONS)
    .filter(([, transition]) => transition.status !== status)
    .map(([name, { id }]) => ({ id, name }));

function move(issue: FakeIssue, sent: Record<string, unknown>): SinkAnswer {
  const { id } = sent["transition"] as { id: string };
  const transition = Object.values(TRANSITIONS).find((each) => each.id === id);
  if (transition === undefined || transition.status === issue.status) return json({}, 400);
  issue.status = transition.status;
  issue.resolution = issue.status === "Done" ? "Fixed" : "";
  return { status: 204, body: "" };
}

/** Evaluates the conditions of a Jira search, which are joined by `and`. Throws for other searches. */
function matches(issue: FakeIssue, jql: string): boolean {
  const [where] = jql.split(" order by ");
  return where!.split(" and ").every((condition) => {
    const text = /^(project|labels)="([^"]*)"$/.exec(condition);
    if (text?.[1] === "project") return (issue.fields["project"] as { key: string }).key === text[2];
    if (text?.[1] === "labels") return (issue.fields["labels"] as string[]).includes(text[2]!);
    if (condition === "statusCategory != Done") return issue.status !== "Done";
    const except = /^\(resolution is EMPTY or resolution != "([^"]*)"\)$/.exec(condition);
    if (except !== null) return issue.resolution === "" || issue.resolution !== except[1];
    const since = /^\(resolutiondate is EMPTY OR resolutiondate >= -(\d+)m\)$/.exec(condition);
    if (since === null) throw new Error(`a condition that the fake does not know: ${condition}`);
    return issue.resolution === "" || issue.resolvedMinutesAgo <= Number(since[1]);
  });
}
