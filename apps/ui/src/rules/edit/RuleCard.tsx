import { ActionIcon, Button, Group, Input, SegmentedControl, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconHistory, IconPlayerPlay, IconSend, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { ExpressionEditor } from "../../query/editor/ExpressionEditor.tsx";
import { Card } from "../../shell/Card.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import { whenLoaded } from "../../shell/when-loaded.tsx";
import { groupWithOneAlert, ruleFileText } from "../backtest/rule-file-text.ts";
import styles from "./edit.module.css";
import { alertLabels, contentOf, type GroupDraft, type RuleDraft } from "./group-draft.ts";
import { PairFields } from "./PairFields.tsx";
import { ReceiversPreview, ResultPreview } from "./RulePreview.tsx";

const css = classesOf(styles);

const RunBacktest = whenLoaded(() => import("../backtest/RunBacktest.tsx"));

const kinds = [
  { value: "alert", label: "Alert" },
  { value: "record", label: "Recording" },
];

/** The part that the toolbar opens below the fields, with the values of the moment when it was opened. */
type Shown =
  | { readonly kind: "backtest"; readonly text: string }
  | { readonly kind: "result"; readonly expr: string; readonly run: number }
  | { readonly kind: "receivers"; readonly labels: Readonly<Record<string, string>> };

/** The fields of one rule, with a toolbar for its preview. */
export function RuleCard({
  number,
  group,
  rule,
  onChange,
  onMove,
  onRemove,
}: {
  /** Position of the rule in the group, starting at 1. */
  number: number;
  group: GroupDraft;
  rule: RuleDraft;
  onChange: (changed: Partial<RuleDraft>) => void;
  /** Moves the rule up (-1) or down (1). */
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}) {
  const [shown, setShown] = useState<Shown>();
  const isAlert = rule.kind === "alert";
  const preview = (): void =>
    setShown((old) => ({ kind: "result", expr: rule.expr, run: old?.kind === "result" ? old.run + 1 : 0 }));
  const field = (name: "forText" | "keepFiringFor" | "name", label: string, placeholder: string) => (
    <TextInput
      size="sm"
      label={label}
      placeholder={placeholder}
      value={rule[name]}
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
    />
  );
  return (
    <Card component="section" p="md" aria-label={`Rule ${number}`}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Text fw={620} size="sm">
              Rule {number}
            </Text>
            <SegmentedControl
              size="xs"
              aria-label="Kind of the rule"
              data={kinds}
              value={rule.kind}
              onChange={(kind) => onChange({ kind: kind as RuleDraft["kind"] })}
            />
          </Group>
          <Group gap={4}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label="Move up"
              disabled={number === 1}
              onClick={() => onMove(-1)}
            >
              <IconArrowUp size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label="Move down"
              disabled={number === group.rules.length}
              onClick={() => onMove(1)}
            >
              <IconArrowDown size={16} />
            </ActionIcon>
            <ActionIcon variant="subtle" color="red" aria-label="Remove rule" onClick={onRemove}>
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        </Group>
        <SimpleGrid cols={{ base: 1, sm: isAlert ? 3 : 1 }} spacing="sm">
          {field("name", isAlert ? "Name of the alert" : "Name of the series", isAlert ? "InstanceDown" : "job:up:sum")}
          {isAlert && field("forText", "For", "5m")}
          {isAlert && field("keepFiringFor", "Keep firing for", "0s")}
        </SimpleGrid>
        <Input.Wrapper label="Expression" labelElement="div">
          <div className={css("editor")}>
            <ExpressionEditor
              value={rule.expr}
              onChange={(expr) => onChange({ expr })}
              onExecute={preview}
              autoFocus={false}
            />
          </div>
        </Input.Wrapper>
        <SimpleGrid cols={{ base: 1, sm: isAlert ? 2 : 1 }} spacing="md">
          <PairFields legend="Labels" item="label" pairs={rule.labels} onChange={(labels) => onChange({ labels })} />
          {isAlert && (
            <PairFields
              legend="Annotations"
              item="annotation"
              pairs={rule.annotations}
              onChange={(annotations) => onChange({ annotations })}
            />
          )}
        </SimpleGrid>
        <RuleToolbar
          isAlert={isAlert}
          isEmpty={rule.expr.trim() === ""}
          onPreview={preview}
          onReceivers={() => setShown({ kind: "receivers", labels: alertLabels(group, rule) })}
          onBacktest={() => setShown({ kind: "backtest", text: backtestText(group, number - 1) })}
        />
        {shown?.kind === "result" && <ResultPreview key={shown.run} expr={shown.expr} isAlert={isAlert} />}
        {shown?.kind === "backtest" && <RunBacktest key={shown.text} initialRules={shown.text} />}
        {shown?.kind === "receivers" && <ReceiversPreview labels={shown.labels} />}
      </Stack>
    </Card>
  );
}

/** Returns a rule file with an alerting rule of a group, and the recording rules whose series it may read. */
const backtestText = (group: GroupDraft, index: number): string =>
  ruleFileText(groupWithOneAlert(contentOf(group), index));

/** Actions that show what a rule would do. Further actions for one rule are buttons of this bar. */
function RuleToolbar({
  isAlert,
  isEmpty,
  onPreview,
  onReceivers,
  onBacktest,
}: {
  isAlert: boolean;
  isEmpty: boolean;
  onPreview: () => void;
  onReceivers: () => void;
  onBacktest: () => void;
}) {
  return (
    <Group gap="xs" role="toolbar" aria-label="What the rule would do">
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconPlayerPlay size={14} />}
        disabled={isEmpty}
        onClick={onPreview}
      >
        Current result
      </Button>
      {isAlert && (
        <>
          <Button size="compact-sm" variant="default" leftSection={<IconSend size={14} />} onClick={onReceivers}>
            Receivers
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconHistory size={14} />}
            disabled={isEmpty}
            onClick={onBacktest}
          >
            Backtest
          </Button>
        </>
      )}
    </Group>
  );
}
