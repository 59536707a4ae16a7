import { useId, useState } from "react";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { Choice } from "../../inputs/Choice.tsx";
import { DraftNumber } from "../../inputs/DraftNumber.tsx";
import { DraftText } from "../../inputs/DraftText.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import { NameList } from "../NameList.tsx";
import styles from "../QueryForm.module.css";
import { readValues, useListing } from "../use-listing.ts";

const css = classesOf(styles);

/** Value of the choice for the id of a trace, for which Grafana saves no query type. */
const TRACE = "trace";
const kinds = [
  { value: "search", label: "Search" },
  { value: TRACE, label: "Trace" },
  { value: "dependencyGraph", label: "Services" },
];

/** The inputs for a query to Jaeger: a search, the id of a trace, or the graph of services. */
export default function JaegerForm({ query, source, onEdit }: QueryFormProps) {
  const [isTouched, setTouched] = useState(false);
  const set = (key: string, value: unknown): void => onEdit([{ path: [key], value }]);
  const given = textOf(query, "queryType");
  const kind = given === "search" || given === "dependencyGraph" ? given : TRACE;
  return (
    <div className={css("form")} onFocus={() => setTouched(true)}>
      <SettingRow name="Query">
        <Choice
          label="Query"
          choices={kinds}
          value={kind}
          onChange={(next) => set("queryType", next === TRACE ? undefined : next)}
        />
      </SettingRow>
      {kind === TRACE && (
        <DraftText
          label="Trace id"
          placeholder="4bf92f3577b34da6a3ce929d0e0e4736"
          value={textOf(query, "query")}
          onCommit={(text) => set("query", text)}
        />
      )}
      {kind === "search" && <SearchInputs query={query} uid={isTouched ? source?.uid : undefined} set={set} />}
    </div>
  );
}

function SearchInputs({
  query,
  uid,
  set,
}: Pick<QueryFormProps, "query"> & { uid: string | undefined; set: (key: string, value: unknown) => void }) {
  const [serviceList, operationList] = [useId(), useId()];
  const service = textOf(query, "service");
  const services = useListing({ uid, path: "services", read: readValues });
  const operations = useListing({
    uid: service === "" ? undefined : uid,
    path: "operations",
    body: { service },
    read: readValues,
  });
  const limit = query["limit"];
  const text = (key: string, label: string, placeholder: string, list?: string) => (
    <DraftText
      label={label}
      placeholder={placeholder}
      {...(list === undefined ? {} : { list })}
      value={textOf(query, key)}
      onCommit={(next) => set(key, next === "" ? undefined : next)}
    />
  );
  return (
    <div className={css("options")}>
      <NameList id={serviceList} names={services} />
      <NameList id={operationList} names={operations} />
      <SettingRow name="Service">{text("service", "Service", "shop", serviceList)}</SettingRow>
      <SettingRow name="Operation">{text("operation", "Operation", "All", operationList)}</SettingRow>
      <SettingRow name="Tags" description="In logfmt">
        {text("tags", "Tags", "http.status_code=500 error=true")}
      </SettingRow>
      <SettingRow name="Minimum duration">{text("minDuration", "Minimum duration", "100ms")}</SettingRow>
      <SettingRow name="Maximum duration">{text("maxDuration", "Maximum duration", "1.2s")}</SettingRow>
      <SettingRow name="Traces" description="Largest number of traces">
        <DraftNumber
          label="Traces"
          placeholder="20"
          min={1}
          max={1500}
          value={typeof limit === "number" ? limit : undefined}
          onCommit={(count) => set("limit", count)}
        />
      </SettingRow>
    </div>
  );
}
