import { matchRoutes, type Route } from "@narthex/alerting";
import { type Labels, matchesAll } from "@narthex/model";
import { flagKinds } from "@narthex/runtime";
import { defineCommand } from "../command-line/command.ts";
import { readRoutes } from "./alertmanager-config.ts";
import { routedLabels } from "./matcher-arguments.ts";
import { drawTree, routeTitle, type TreeNode } from "./route-tree.ts";
import { routesFlags } from "./routes-show.ts";
import type { Session } from "./session.ts";

const flags = {
  ...routesFlags,
  "verify.receivers": flagKinds.text(
    "",
    "Checks if specified receivers matches resolved receivers. The command fails if the labelset does not route to the specified receivers.",
  ),
  tree: flagKinds.flag(false, "Prints out matching routes tree."),
};

export const routesTest = defineCommand<Session, typeof flags>({
  name: "test",
  help: "Print the receivers that an alert with the given labels is routed to.",
  operands: "[<labels>...]",
  flags,
  async run({ values, operands }, session) {
    const root = await readRoutes(session, values["config.file"]);
    const labels = routedLabels(session, operands);
    if (values.tree) session.print(`Matching routes:\n${drawTree(matching(root, labels))}\n`);
    const receivers = matchRoutes(root, labels)
      .map(({ receiver }) => receiver)
      .join(",");
    session.print(receivers);
    const expected = values["verify.receivers"];
    if (expected === "" || expected === receivers) return 0;
    session.print("WARNING: Expected receivers did not match resolved receivers.");
    return 1;
  },
});

/** Returns the routes that an alert takes. Only the last route of each path shows its receiver. */
export function matching(route: Route, labels: Labels): TreeNode {
  const children: TreeNode[] = [];
  for (const child of route.routes) {
    if (!matchesAll(child.matchers, labels)) continue;
    children.push(matching(child, labels));
    if (!child.continues) break;
  }
  return { title: routeTitle(route, { continues: false, receiver: children.length === 0 }), children };
}
