import { useId, useState } from "react";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { DraftText } from "../../inputs/DraftText.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import { NameList } from "../NameList.tsx";
import styles from "../QueryForm.module.css";
import { readValues, useListing } from "../use-listing.ts";

const css = classesOf(styles);

interface TraceAnswer {
  readonly traces: readonly unknown[];
}

/** Reads the ids of traces from an answer, in which a trace is a list of spans. */
const readIds = ({ traces }: TraceAnswer): readonly string[] => {
  const ids = traces.map((trace): unknown =>
    Array.isArray(trace) ? (trace[0] as { readonly traceId?: unknown } | undefined)?.traceId : undefined,
  );
  return [...new Set(ids.filter((id) => typeof id === "string"))];
};

/** The inputs for a query to Zipkin: the id of a trace. A service and a span suggest ids, but are not saved. */
export default function ZipkinForm({ query, source, onEdit }: QueryFormProps) {
  const [isTouched, setTouched] = useState(false);
  const [serviceName, setService] = useState("");
  const [spanName, setSpan] = useState("");
  const [serviceList, spanList, idList] = [useId(), useId(), useId()];
  const uid = isTouched ? source?.uid : undefined;
  const ofService = serviceName === "" ? undefined : uid;
  const services = useListing({ uid, path: "services", read: readValues });
  const spans = useListing({ uid: ofService, path: "spans", body: { serviceName }, read: readValues });
  const ids = useListing({ uid: ofService, path: "traces", body: { serviceName, spanName }, read: readIds });
  return (
    <div className={css("form")} onFocus={() => setTouched(true)}>
      <NameList id={serviceList} names={services} />
      <NameList id={spanList} names={spans} />
      <NameList id={idList} names={ids} />
      <SettingRow name="Trace id">
        <DraftText
          label="Trace id"
          placeholder="4bf92f3577b34da6"
          list={idList}
          value={textOf(query, "query")}
          onCommit={(text) => onEdit([{ path: ["query"], value: text }])}
        />
      </SettingRow>
      <div className={css("options")}>
        <SettingRow name="Service" description="Suggests the ids of its newest traces">
          <DraftText label="Service" list={serviceList} value={serviceName} onCommit={setService} />
        </SettingRow>
        <SettingRow name="Span">
          <DraftText label="Span" list={spanList} value={spanName} onCommit={setSpan} />
        </SettingRow>
      </div>
    </div>
  );
}
