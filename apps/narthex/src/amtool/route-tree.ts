import { printMatchers, type Route } from "@narthex/alerting";

export interface TreeNode {
  readonly title: string;
  readonly children: readonly TreeNode[];
}

/** Formats a tree with box-drawing characters. The first line contains only `.`. The text ends with a newline. */
export const drawTree = (root: TreeNode): string => `.\n${drawNodes([root], "")}`;

function drawNodes(nodes: readonly TreeNode[], indent: string): string {
  return nodes
    .map(({ title, children }, i) => {
      const last = i === nodes.length - 1;
      return `${indent}${last ? "└──" : "├──"} ${title}\n${drawNodes(children, `${indent}${last ? "   " : "│  "} `)}`;
    })
    .join("");
}

/** Returns the text of a route in the tree: its matchers, and the details that `shown` selects. */
export function routeTitle(route: Route, shown: { readonly continues: boolean; readonly receiver: boolean }): string {
  const parts = [route.matchers.length === 0 ? "default-route" : printMatchers(route.matchers)];
  if (shown.continues && route.continues) parts.push("continue: true");
  if (shown.receiver) parts.push(`receiver: ${route.receiver}`);
  return parts.join("  ");
}
