import { count, required, text } from "./arguments.ts";
import { type Tool, ToolError } from "./tool.ts";

/** Matches the identifier of a dashboard. */
const UID = /^[\w-]{1,40}$/;

const search: Tool = {
  name: "dashboards",
  about: "Searches dashboards by their title. Needs one sign-in with the dashboards (--web.sign-in-url).",
  parameters: {
    query: text("Part of the title.", 200),
    tag: text("Only dashboards with this tag.", 100),
    limit: count("Maximum number of dashboards.", 500),
  },
  run(args, { dashboards }) {
    const parameters = new URLSearchParams({ type: "dash-db", limit: String(args.number("limit") ?? 100) });
    for (const name of ["query", "tag"]) {
      const value = args.text(name);
      if (value !== undefined) parameters.set(name, value);
    }
    return dashboards(`/search?${parameters.toString()}`);
  },
};

const one: Tool = {
  name: "dashboard",
  about: "Returns the panels and queries of a dashboard as JSON.",
  parameters: { uid: required(text("Identifier of the dashboard (uid).", 40)) },
  run: async (args, { dashboards }) => {
    const uid = args.text("uid") ?? "";
    if (!UID.test(uid)) throw new ToolError(`${JSON.stringify(uid)} is not the uid of a dashboard`);
    return dashboards(`/dashboards/uid/${uid}`);
  },
};

export const dashboardTools: readonly Tool[] = [search, one];
