import { Autocomplete, Input, NumberInput, SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { cssColor } from "@narthex/dashboards";
import { useState } from "react";
import { parseDuration } from "../../../format/duration.ts";
import { classesOf } from "../../../shell/style-sheet.ts";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import type { GeneratedRule, RuleField } from "./alert-rule-api.ts";
import { type FilledForm, OWN_VALUE, type RuleForm } from "./rule-form.ts";
import type { RuleQuery } from "./rule-query.ts";
import type { RuleThresholds } from "./rule-thresholds.ts";
import styles from "./AlertRuleDrawer.module.css";

const css = classesOf(styles);

interface RuleFieldsProps {
  readonly queries: readonly RuleQuery[];
  readonly query: RuleQuery;
  readonly rateWindow: string;
  readonly thresholds: RuleThresholds;
  readonly filled: FilledForm;
  readonly form: RuleForm;
  readonly errors: ReadonlyMap<RuleField, string>;
  readonly made: GeneratedRule | undefined;
  readonly onChange: (form: RuleForm) => void;
}

export function RuleFields(props: RuleFieldsProps) {
  const { queries, query, rateWindow, form, filled, errors, made, onChange } = props;
  const set = (change: Partial<RuleForm>): void => onChange({ ...form, ...change });
  const errorOf = (field: RuleField): string | false => errors.get(field) ?? false;
  return (
    <div className={css("form")}>
      <Select
        label="Query"
        data={queries.map(({ refId, source }) => ({
          value: refId,
          label: `${refId}: ${String(source["expr"]).trim()}`,
        }))}
        value={query.refId}
        allowDeselect={false}
        error={errorOf("expr")}
        className={css("wide")}
        onChange={(refId) => set({ refId: refId ?? undefined, step: undefined })}
      />
      <ConditionFields {...props} />
      <TextInput
        label="For"
        placeholder="at once"
        value={form.wait}
        error={errorOf("wait")}
        onChange={({ currentTarget }) => set({ wait: currentTarget.value })}
      />
      {query.step.length > 0 && (
        <TextInput
          label="Window of rates"
          value={rateWindow}
          error={isWindow(rateWindow) ? false : "Write a duration such as 5m"}
          onChange={({ currentTarget }) => set({ window: currentTarget.value })}
        />
      )}
      <TextInput
        label="Name"
        value={filled.name}
        error={errorOf("name")}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
      />
      <Autocomplete
        label="Severity"
        data={["critical", "warning", "info"]}
        value={filled.severity}
        error={errorOf("severity")}
        onChange={(severity) => set({ severity })}
      />
      <Textarea
        label="Summary"
        placeholder={made?.summary ?? ""}
        value={form.summary}
        error={errorOf("summary")}
        autosize
        className={css("wide")}
        onChange={({ currentTarget }) => set({ summary: currentTarget.value })}
      />
      <Textarea
        label="Description"
        placeholder={made?.description ?? ""}
        value={form.description}
        error={errorOf("description")}
        autosize
        className={css("wide")}
        onChange={({ currentTarget }) => set({ description: currentTarget.value })}
      />
    </div>
  );
}

const isWindow = (text: string): boolean => (parseDuration(text.trim()) ?? 0) > 0;

interface OwnValueProps {
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
}

/** Input for a custom threshold. Incomplete numbers such as `0.` are kept as typed. */
function OwnValue({ value, onChange }: OwnValueProps) {
  const [text, setText] = useState<string | number>(value ?? "");
  return (
    <NumberInput
      label="Value"
      placeholder="in the unit of the data"
      value={text}
      onChange={(written) => {
        setText(written);
        onChange(written === "" || !Number.isFinite(Number(written)) ? undefined : Number(written));
      }}
    />
  );
}

/** Selects the threshold of the alert, and whether the alert is for values above or below it. */
function ConditionFields({ thresholds: { thresholds }, filled, form, onChange }: RuleFieldsProps) {
  const { theme } = useDashboardContext();
  const chosen = thresholds[filled.step];
  return (
    <>
      <Input.Wrapper label="Condition" labelElement="div">
        <SegmentedControl
          aria-label="Condition"
          fullWidth
          data={[
            { value: "above", label: "At or above" },
            { value: "below", label: "Below" },
          ]}
          value={filled.isAbove ? "above" : "below"}
          onChange={(side) => onChange({ ...form, isAbove: side === "above" })}
        />
      </Input.Wrapper>
      {thresholds.length > 0 && (
        <Select
          label="Threshold"
          data={[
            ...thresholds.map(({ text, color }, at) => ({ value: String(at), label: `${text} (${color})` })),
            { value: String(OWN_VALUE), label: "Another value" },
          ]}
          value={String(filled.step)}
          allowDeselect={false}
          leftSection={
            chosen !== undefined && (
              <span className={css("swatch")} style={{ background: cssColor(chosen.color, theme.scheme) }} />
            )
          }
          onChange={(step) => onChange({ ...form, step: Number(step) })}
        />
      )}
      {filled.step === OWN_VALUE && (
        <OwnValue value={filled.value} onChange={(value) => onChange({ ...form, value })} />
      )}
    </>
  );
}
