import { Button, Group, TextInput } from "@mantine/core";
import type { RawTimeRange, ResolvedTimeRange, SourceListing } from "@narthex/dashboards";
import { useState } from "react";
import type { SyntheticEvent } from "react";
import { TimeRangePicker } from "../../time-controls/TimeRangePicker.tsx";
import { GenerateForm } from "../generate/GenerateForm.tsx";
import type { ChangeChoice } from "../../query-link/change-choice.ts";

interface ChangeFormProps {
  readonly choice: ChangeChoice;
  readonly range: ResolvedTimeRange;
  readonly sources: readonly SourceListing[];
  readonly onChange: (choice: ChangeChoice) => void;
}

/** Form for the metrics or expressions to compare, and for the two time ranges. */
export function ChangeForm({ choice, range, sources, onChange }: ChangeFormProps) {
  const setRange = (raw: RawTimeRange): void => onChange({ ...choice, raw });
  return (
    <>
      <GenerateForm
        key={`${choice.source} ${choice.job} ${choice.search}`}
        choice={choice}
        sources={sources}
        onSubmit={(chosen) => onChange({ ...choice, ...chosen, exprs: [] })}
      />
      <QueryForm key={choice.exprs[0] ?? ""} choice={choice} onChange={onChange} />
      <Group mb="md">
        <TimeRangePicker
          raw={choice.raw}
          range={range}
          zone={choice.zone}
          onZone={(zone) => onChange({ ...choice, zone })}
          onChange={setRange}
          compare={choice.compare}
          isAlwaysCompared
          onCompare={(compare) => onChange({ ...choice, compare })}
        />
      </Group>
    </>
  );
}

function QueryForm({ choice, onChange }: Pick<ChangeFormProps, "choice" | "onChange">) {
  const [expr, setExpr] = useState(choice.exprs[0] ?? "");
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    onChange({ ...choice, job: "", search: "", exprs: [expr.trim(), ...choice.exprs.slice(1)] });
  };
  return (
    <Group component="form" align="flex-end" gap="sm" mb="md" onSubmit={submit} role="search" aria-label="A query">
      <TextInput
        label="Or a query"
        placeholder="sum(rate(http_requests_total[5m]))"
        flex="1 1 240px"
        maw={640}
        value={expr}
        onChange={({ currentTarget }) => setExpr(currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={expr.trim() === "" || choice.source === ""}>
        Show
      </Button>
    </Group>
  );
}
