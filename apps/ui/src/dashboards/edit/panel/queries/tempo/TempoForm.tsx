import { useId, useState } from "react";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { Choice } from "../../inputs/Choice.tsx";
import { DraftNumber } from "../../inputs/DraftNumber.tsx";
import { DraftText } from "../../inputs/DraftText.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import { NameList } from "../NameList.tsx";
import { OptionalText } from "../OptionalText.tsx";
import styles from "../QueryForm.module.css";
import { useListing } from "../use-listing.ts";
import { FilterList } from "./FilterList.tsx";

const css = classesOf(styles);

const kinds = [
  { value: "traceql", label: "Query" },
  { value: "traceqlSearch", label: "Filters" },
  { value: "serviceMap", label: "Services" },
];
const tables = [
  { value: "traces", label: "Traces" },
  { value: "spans", label: "Spans" },
  { value: "raw", label: "Raw" },
];
const metrics = [
  { value: "range", label: "Range" },
  { value: "instant", label: "Instant" },
];

interface TagAnswer {
  readonly scopes: readonly { readonly tags: readonly string[] }[];
}
const readTags = ({ scopes }: TagAnswer): readonly string[] => [...new Set(scopes.flatMap(({ tags }) => tags))];

/** The inputs for a query to Tempo: TraceQL or the id of a trace, filters, or the map of services. */
export default function TempoForm({ query, source, onEdit }: QueryFormProps) {
  const [isTouched, setTouched] = useState(false);
  const tagList = useId();
  const tags = useListing({ uid: isTouched ? source?.uid : undefined, path: "tags", read: readTags });
  const set = (key: string, value: unknown): void => onEdit([{ path: [key], value }]);
  const given = textOf(query, "queryType");
  const kind = given === "" || given === "traceId" ? "traceql" : given;
  return (
    <div className={css("form")} onFocus={() => setTouched(true)}>
      <NameList id={tagList} names={tags} />
      <SettingRow name="Kind">
        <Choice label="Kind" choices={kinds} value={kind} onChange={(next) => set("queryType", next)} />
      </SettingRow>
      {kind === "traceql" && (
        <DraftText
          label="TraceQL or trace id"
          placeholder='{ resource.service.name = "shop" && status = error }'
          rows={3}
          value={textOf(query, "query")}
          onCommit={(text) => set("query", text)}
        />
      )}
      {kind === "traceqlSearch" && <FilterList query={query} tagList={tagList} onEdit={onEdit} />}
      {kind === "serviceMap" ? (
        <DraftText
          label="Selector of services"
          placeholder='{client="shop"}'
          value={textOf(query, "serviceMapQuery")}
          onCommit={(text) => set("serviceMapQuery", text === "" ? undefined : text)}
        />
      ) : (
        <SearchOptions query={query} hasMetrics={kind === "traceql"} set={set} />
      )}
    </div>
  );
}

function SearchOptions({
  query,
  hasMetrics,
  set,
}: Pick<QueryFormProps, "query"> & { hasMetrics: boolean; set: (key: string, value: unknown) => void }) {
  const numberOf = (key: string): number | undefined => {
    const value = query[key];
    return typeof value === "number" ? value : undefined;
  };
  return (
    <div className={css("options")}>
      <SettingRow name="Traces" description="Largest number of traces">
        <DraftNumber
          label="Traces"
          placeholder="20"
          min={1}
          max={5000}
          value={numberOf("limit")}
          onCommit={(count) => set("limit", count)}
        />
      </SettingRow>
      <SettingRow name="Spans" description="Largest number of spans of a trace">
        <DraftNumber
          label="Spans"
          placeholder="3"
          min={1}
          max={1000}
          value={numberOf("spss")}
          onCommit={(count) => set("spss", count)}
        />
      </SettingRow>
      <SettingRow name="Table">
        <Choice
          label="Table"
          choices={tables}
          value={textOf(query, "tableType") || "traces"}
          onChange={(next) => set("tableType", next)}
        />
      </SettingRow>
      {hasMetrics && (
        <>
          <SettingRow name="Metrics" description="Of queries such as {} | rate()">
            <Choice
              label="Metrics"
              choices={metrics}
              value={textOf(query, "metricsQueryType") || "range"}
              onChange={(next) => set("metricsQueryType", next)}
            />
          </SettingRow>
          <OptionalText
            label="Step"
            description="Of metrics: 30s, $__interval"
            placeholder="auto"
            name="step"
            {...{ query, set }}
          />
        </>
      )}
    </div>
  );
}
