import "../../styles/mantine.css";
import type { JsonObject } from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { PageHeader } from "../../../shell/PageHeader.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../../shell/StatusMessage.tsx";
import { useIsEditor } from "../../../shell/viewer.ts";
import { ImportForm } from "./ImportForm.tsx";
import { ImportSource } from "./ImportSource.tsx";
import { sourcesQuery } from "../../data/dashboard-queries.ts";

export default function ImportPage() {
  const [json, setJson] = useState<JsonObject>();
  const isEditor = useIsEditor();
  const sources = useQuery(sourcesQuery);
  const isReady = sources.data !== undefined && isEditor !== undefined;
  return (
    <>
      <PageHeader title="Import a dashboard" />
      {sources.error !== null && <ErrorMessage error={sources.error} />}
      {sources.error === null && !isReady && <LoadingMessage />}
      {isReady && !isEditor && (
        <EmptyMessage title="You may not import dashboards">
          Sign in, or ask an administrator for the role of an editor.
        </EmptyMessage>
      )}
      {isReady && isEditor && json === undefined && <ImportSource onJson={setJson} />}
      {isReady && isEditor && json !== undefined && (
        <ImportForm json={json} sources={sources.data} onBack={() => setJson(undefined)} />
      )}
    </>
  );
}
