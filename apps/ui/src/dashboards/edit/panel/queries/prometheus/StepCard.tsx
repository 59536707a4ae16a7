import { IconArrowLeft, IconArrowRight, IconX } from "@tabler/icons-react";
import { useId } from "react";
import { WINDOWS } from "../../../../../query/editor/built-in-variables.ts";
import { Choice } from "../../inputs/Choice.tsx";
import { DraftText } from "../../inputs/DraftText.tsx";
import { PickButton } from "../../inputs/PickButton.tsx";
import { Tool } from "../../inputs/Tool.tsx";
import { usePanelEditing } from "../../panel-edit-context.ts";
import { queryVariables } from "../../query-variables.ts";
import { NameList } from "../NameList.tsx";
import type { AggregateStep, Step } from "./promql-parts.ts";
import { useLabelNames } from "./source-labels.ts";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import styles from "./StepCard.module.css";

const css = classesOf(styles);

const groupings = [
  { value: "all", label: "All" },
  { value: "by", label: "By" },
  { value: "without", label: "Without" },
];

export function StepCard({
  uid,
  selector,
  step,
  isFirst,
  isLast,
  onChange,
  onRemove,
  onMove,
}: {
  uid: string | undefined;
  selector: string | undefined;
  step: Step;
  isFirst: boolean;
  isLast: boolean;
  onChange: (step: Step) => void;
  onRemove: () => void;
  onMove: (by: number) => void;
}) {
  const name = step.kind === "binary" ? step.operator : step.name;
  return (
    <section className={css("step")} aria-label={`Operation ${name}`}>
      <header className={css("head")}>
        <span className={css("name")}>{name}</span>
        <Tool label={`Move ${name} before`} isDisabled={isFirst} onClick={() => onMove(-1)}>
          <IconArrowLeft size={14} />
        </Tool>
        <Tool label={`Move ${name} behind`} isDisabled={isLast} onClick={() => onMove(1)}>
          <IconArrowRight size={14} />
        </Tool>
        <Tool label={`Remove ${name}`} onClick={onRemove}>
          <IconX size={14} />
        </Tool>
      </header>
      <div className={css("body")}>
        {step.kind === "binary" ? (
          <>
            <Argument label="Operator" value={step.operator} onCommit={(operator) => onChange({ ...step, operator })} />
            <Argument label="Right side" value={step.right} onCommit={(right) => onChange({ ...step, right })} />
          </>
        ) : (
          <>
            {step.kind === "function" && step.range !== undefined && (
              <RangeArgument value={step.range} onCommit={(range) => onChange({ ...step, range })} />
            )}
            {step.before.map((text, at) => (
              <Argument
                // oxlint-disable-next-line react/no-array-index-key
                key={at}
                label={step.before.length > 1 ? `Argument ${at + 1}` : "Argument"}
                value={text}
                onCommit={(next) => onChange({ ...step, before: step.before.with(at, next) })}
              />
            ))}
            {step.kind === "function" &&
              step.after.map((text, at) => (
                <Argument
                  // oxlint-disable-next-line react/no-array-index-key
                  key={at}
                  label={`Argument ${step.before.length + at + 2}`}
                  value={text}
                  onCommit={(next) => onChange({ ...step, after: step.after.with(at, next) })}
                />
              ))}
            {step.kind === "aggregate" && <Grouping uid={uid} selector={selector} step={step} onChange={onChange} />}
          </>
        )}
      </div>
    </section>
  );
}

/** The field for the window of a function, with suggestions. */
function RangeArgument({ value, onCommit }: { value: string; onCommit: (text: string) => void }) {
  const list = useId();
  const { variables } = usePanelEditing();
  const durations = queryVariables(variables).filter(({ isDuration }) => isDuration === true);
  return (
    <>
      <NameList id={list} names={[...durations.map(({ name }) => `$${name}`), ...WINDOWS]} />
      <Argument label="Range" value={value} list={list} onCommit={onCommit} />
    </>
  );
}

function Argument({
  label,
  value,
  list,
  onCommit,
}: {
  label: string;
  value: string;
  /** Id of a `datalist` element with suggestions. */
  list?: string;
  onCommit: (text: string) => void;
}) {
  return (
    <div className={css("argument")}>
      <span className={css("label")}>{label}</span>
      <DraftText
        label={label}
        value={value}
        {...(list === undefined ? {} : { list })}
        onCommit={(text) => {
          if (text.trim() !== "") onCommit(text.trim());
        }}
      />
    </div>
  );
}

function Grouping({
  uid,
  selector,
  step,
  onChange,
}: {
  uid: string | undefined;
  selector: string | undefined;
  step: AggregateStep;
  onChange: (step: Step) => void;
}) {
  const { grouping, labels } = step;
  const names = useLabelNames(
    grouping === "all" ? undefined : uid,
    selector === undefined || selector.includes("$") ? undefined : selector,
  );
  const toggle = (label: string): void =>
    onChange({ ...step, labels: labels.includes(label) ? labels.filter((one) => one !== label) : [...labels, label] });
  return (
    <>
      <Choice
        label="Grouping"
        choices={groupings}
        value={grouping}
        onChange={(next) => onChange({ ...step, grouping: next as AggregateStep["grouping"] })}
      />
      {grouping !== "all" && (
        <PickButton
          label="Labels"
          text={labels.length === 0 ? "Choose labels" : labels.join(", ")}
          options={[...new Set([...labels, ...names])].map((name) => ({ value: name, text: name }))}
          chosen={labels}
          isMulti
          takesOthers
          onPick={toggle}
        />
      )}
    </>
  );
}
