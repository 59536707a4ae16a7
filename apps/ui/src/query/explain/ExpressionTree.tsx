import { UnstyledButton } from "@mantine/core";
import { skipToken, useQuery } from "@tanstack/react-query";
import type { ExpressionNode } from "../../api/expression-tree.ts";
import type { InstantResult } from "../../api/query-result.ts";
import { useDataSource } from "../../datasource/data-source-context.ts";
import type { LabelSet } from "../../format/series-name.ts";
import { formatCount } from "../../format/si-number.ts";
import { ErrorMessage, LoadingMessage, errorSentence } from "../../shell/StatusMessage.tsx";
import { evaluationSeconds, rangeKey, useTimeRange } from "../../time/time-range-context.ts";
import type { TabProps } from "../../query-link/panel.ts";
import { PartInputs, PartLine, PartTree, partFrame } from "../part-tree/PartTree.tsx";
import { labelCardinality } from "../explorer/label-cardinality.ts";
import { childNodes, printNode, runnableExpression } from "./print-node.ts";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./ExpressionTree.module.css";

const css = classesOf(styles);

const shownLabels = 4;

/** Returns the result of a node's expression at the panel's time. */
export function useNodeResult(node: ExpressionNode, { queryKey }: Pick<TabProps, "queryKey">) {
  const source = useDataSource();
  const control = useTimeRange();
  const expr = runnableExpression(node);
  return useQuery({
    queryKey: [...queryKey, "explain", expr, ...rangeKey(control.range)],
    queryFn: async ({ signal }) => source.query(expr, await evaluationSeconds(control), signal),
    gcTime: 0,
  });
}

/** Requests the tree of the panel's expression from the data source. */
export function useExpressionTree({ panel: { expr }, queryKey }: Pick<TabProps, "panel" | "queryKey">) {
  const { parse } = useDataSource().capabilities;
  return useQuery({
    queryKey: [...queryKey, "tree", expr],
    queryFn: parse === undefined || expr === "" ? skipToken : ({ signal }) => parse(expr, signal),
  });
}

/**
 * Returns the node at a path: `0.1` is the second part of the whole expression. Returns the whole expression if the
 * path is invalid.
 */
export function nodeAt(root: ExpressionNode, path: string): ExpressionNode {
  return path
    .split(".")
    .slice(1)
    .reduce((node, index) => childNodes(node)[Number(index)] ?? node, root);
}

function resultWords(data: InstantResult): string {
  if (data.resultType === "scalar" || data.resultType === "string") return data.resultType;
  const count = data.result.length;
  return `${formatCount(count)} ${count === 1 ? "result" : "results"}`;
}

/** Returns the labels of a result, each with the number of its distinct values: `job (2), instance (14)`. */
function labelWords(data: InstantResult): string {
  if (data.resultType !== "vector" && data.resultType !== "matrix") return "";
  const series: ReadonlyArray<{ readonly metric: LabelSet }> = data.result;
  const labels = labelCardinality(series.map(({ metric }) => metric));
  const words = labels.slice(0, shownLabels).map(({ name, values }) => `${name} (${values.length})`);
  return [...words, ...(labels.length > shownLabels ? ["…"] : [])].join(", ");
}

interface Choice {
  /** Path of the selected node. */
  readonly chosen: string;
  readonly onChoose: (path: string, node: ExpressionNode) => void;
}

function NodeItem({ node, path, tab, ...choice }: { node: ExpressionNode; path: string; tab: TabProps } & Choice) {
  const result = useNodeResult(node, tab);
  const words = result.isError
    ? ["error"]
    : result.data === undefined
      ? ["…"]
      : [resultWords(result.data.data), `${Math.round(result.data.elapsedMs)}ms`, labelWords(result.data.data)];
  const children = childNodes(node);
  return (
    <li>
      <UnstyledButton
        className={`${partFrame} ${css("node")}`}
        aria-pressed={choice.chosen === path}
        title={result.isError ? errorSentence(result.error) : undefined}
        onClick={() => choice.onChoose(path, node)}
      >
        <PartLine
          figures={words.filter((word) => word !== "")}
          color={result.isError ? "var(--mantine-color-error)" : "dimmed"}
        >
          <code>{printNode(node)}</code>
        </PartLine>
      </UnstyledButton>
      <PartInputs of={children}>
        {(child, index) => <NodeItem key={index} node={child} path={`${path}.${index}`} tab={tab} {...choice} />}
      </PartInputs>
    </li>
  );
}

/** Shows the tree of an expression's parts, with the size of each part's result. A click selects a part. */
export default function ExpressionTree({ tab, ...choice }: { tab: TabProps } & Choice) {
  const tree = useExpressionTree(tab);
  if (tab.panel.expr === "") return null;
  if (tree.isError) return <ErrorMessage error={tree.error} title="The expression cannot be parsed" />;
  if (tree.data === undefined) return <LoadingMessage label="Parsing the expression" />;
  return (
    <PartTree label="Parts of the expression">
      <NodeItem node={tree.data.data} path="0" tab={tab} {...choice} />
    </PartTree>
  );
}
