import { Autocomplete, Group, Input, Select, Stack } from "@mantine/core";
import { useState } from "react";
import { useDraft } from "../../../../shell/use-draft.ts";
import { PromqlField } from "../../panel/queries/prometheus/PromqlField.tsx";
import { useLabelNames, useMetricNames } from "../../panel/queries/prometheus/source-labels.ts";
import { variableCompletions } from "./variable-completions.ts";
import {
  type VariableQueryKind,
  type VariableQueryParts,
  variableQueryParts,
  variableQueryText,
} from "./variable-query.ts";

const KINDS: readonly { readonly value: VariableQueryKind; readonly label: string }[] = [
  { value: "label values", label: "Values of a label" },
  { value: "label names", label: "Names of labels" },
  { value: "metrics", label: "Names of metrics" },
  { value: "query result", label: "Result of a query" },
  { value: "text", label: "Text" },
];

/** Maximum number of names that a list suggests. */
const MOST = 200;

interface FieldProps {
  /** Uid of the data source whose names are suggested. */
  readonly uid: string | undefined;
  readonly onCommit: (text: string) => void;
}

/** A form for the query of a variable at a Prometheus data source. The query can also be typed as text. */
export function VariableQueryField({
  uid,
  value,
  help,
  onCommit,
}: FieldProps & { readonly value: string; readonly help: string }) {
  const parts = variableQueryParts(value);
  const [isText, setText] = useState(false);
  const kind = isText ? "text" : parts.kind;
  const choose = (next: VariableQueryKind): void => {
    setText(next === "text");
    if (next !== "text") onCommit(variableQueryText({ kind: next, label: "", inside: "" }));
  };
  return (
    <Stack gap="sm">
      <Select
        label="Query type"
        allowDeselect={false}
        data={[...KINDS]}
        value={kind}
        onChange={(next) => choose(next ?? "label values")}
      />
      {kind === "text" ? (
        <TextField uid={uid} value={value} help={help} onCommit={onCommit} />
      ) : (
        <PartFields uid={uid} parts={parts} onCommit={onCommit} />
      )}
    </Stack>
  );
}

/** Inputs for the parts of a query. */
function PartFields({ uid, parts, onCommit }: FieldProps & { readonly parts: VariableQueryParts }) {
  const { kind, label, inside } = parts;
  const [isOpened, setOpened] = useState(false);
  const asked = isOpened ? uid : undefined;
  const metrics = useMetricNames(asked);
  const labels = useLabelNames(asked, inside === "" || inside.includes("$") ? undefined : inside);
  const write = (change: Partial<VariableQueryParts>): void => onCommit(variableQueryText({ ...parts, ...change }));
  if (kind === "query result")
    return (
      <Input.Wrapper label="Query" labelElement="div">
        <PromqlField uid={uid} value={inside} onCommit={(expr) => write({ inside: expr })} />
      </Input.Wrapper>
    );
  if (kind === "label names")
    return (
      <NameField
        label="Metrics that match"
        description="A part of metric names. Empty: the labels of all metrics."
        names={metrics}
        value={inside}
        onCommit={(pattern) => write({ inside: pattern })}
      />
    );
  return (
    <Group grow align="flex-start" onFocus={() => setOpened(true)}>
      {kind === "label values" && (
        <NameField label="Label name" names={labels} value={label} onCommit={(name) => write({ label: name })} />
      )}
      <NameField
        label={kind === "metrics" ? "Metrics that match" : "Metric or selector"}
        placeholder={kind === "metrics" ? ".*" : "all series"}
        names={metrics}
        value={inside}
        onCommit={(name) => write({ inside: name })}
      />
    </Group>
  );
}

/** An input that suggests names. The text is applied when the user chooses a name, leaves the field or presses Enter. */
function NameField({
  names,
  value,
  onCommit,
  ...shown
}: {
  label: string;
  description?: string;
  placeholder?: string;
  names: readonly string[];
  value: string;
  onCommit: (name: string) => void;
}) {
  const [text, setText] = useDraft(value);
  const commit = (name: string): void => {
    if (name.trim() !== value) onCommit(name.trim());
  };
  return (
    <Autocomplete
      {...shown}
      data={[...new Set(names)]}
      limit={MOST}
      value={text}
      onChange={setText}
      onOptionSubmit={commit}
      onBlur={() => commit(text)}
      onKeyDown={({ key }) => key === "Enter" && commit(text)}
    />
  );
}

/** The query as text, with completion of functions and names. */
function TextField({ uid, value, help, onCommit }: FieldProps & { readonly value: string; readonly help: string }) {
  const [text, setText] = useDraft(value);
  const [isOpened, setOpened] = useState(false);
  const asked = isOpened ? uid : undefined;
  const metrics = useMetricNames(asked);
  const labels = useLabelNames(asked, undefined);
  const commit = (): void => {
    if (text.trim() !== value) onCommit(text.trim());
  };
  return (
    <Autocomplete
      label="Query"
      description={help}
      data={[...variableCompletions(text, { metrics, labels })]}
      // The data contains only the texts that continue the typed text.
      filter={({ options }) => options}
      value={text}
      spellCheck={false}
      onFocus={() => setOpened(true)}
      onChange={setText}
      onBlur={commit}
      onKeyDown={({ key }) => key === "Enter" && commit()}
    />
  );
}
