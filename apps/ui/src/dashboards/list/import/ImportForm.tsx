import { Alert, Button, Checkbox, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import {
  type DashboardInput,
  inputsOf,
  type JsonObject,
  patchDashboard,
  type SourceListing,
} from "@narthex/dashboards";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SyntheticEvent } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { ApiError } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";
import { Card } from "../../../shell/Card.tsx";
import { ErrorMessage, LoadingMessage } from "../../../shell/StatusMessage.tsx";
import { FolderSelect } from "../../edit/save/FolderSelect.tsx";
import { saveDashboard } from "../../edit/save/dashboard-writes.ts";
import { fetchDashboard } from "../../data/dashboard-api.ts";
import { routeOf } from "../../data/dashboard-list.ts";
import { type ImportReport, importReport } from "./import-report.ts";
import { ImportReportView } from "./ImportReportView.tsx";
import { dashboardKey, dashboardsKey } from "../../data/dashboard-queries.ts";

interface ImportFormProps {
  readonly json: JsonObject;
  readonly sources: readonly SourceListing[];
  readonly onBack: () => void;
}

const UID = /^[\w-]{0,40}$/;

/** Asks for the inputs of an imported dashboard, such as data sources. Shows what the import will change. */
export function ImportForm(props: ImportFormProps) {
  const { json, sources } = props;
  const [values, setValues] = useState(() => firstValues(inputsOf(json), sources));
  const { data: report, error } = useQuery({
    queryKey: ["import report", json, values, sources],
    queryFn: () => importReport(json, sources, values),
    placeholderData: (before) => before,
  });
  if (error !== null) return <ErrorMessage error={error} title="The file cannot be read" />;
  if (report === undefined) return <LoadingMessage label="Reading the dashboard" />;
  return <ReadFile {...props} report={report} values={values} onValues={setValues} />;
}

function ReadFile(
  props: ImportFormProps & {
    report: ImportReport;
    values: Readonly<Record<string, string>>;
    onValues: (values: Readonly<Record<string, string>>) => void;
  },
) {
  const { json, sources, onBack, report, values, onValues } = props;
  const [params] = useSearchParams();
  const [title, setTitle] = useState(report.dashboard.title);
  const [uid, setUid] = useState(report.dashboard.uid);
  const [folderUid, setFolderUid] = useState(params.get("folderUid") ?? "");
  const [choice, setChoice] = useState<Choice>("overwrite");
  const taken = useTakenTitle(uid);
  const save = useImport();
  const problem = UID.test(uid) ? undefined : "A uid may contain only letters, digits, - and _, at most 40.";
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const isNew = taken !== undefined && choice === "new";
    const dashboard = patchDashboard(report.dashboard.source, [
      { path: ["id"], value: null },
      { path: ["uid"], value: isNew ? "" : uid },
      { path: ["title"], value: title.trim() },
    ]);
    save.mutate({ dashboard, folderUid, overwrite: taken !== undefined && !isNew, message: "Imported" });
  };
  return (
    <Card p="md" maw={860}>
      <Stack component="form" gap="md" onSubmit={submit}>
        <TextInput
          label="Title"
          required
          value={title}
          onChange={({ currentTarget }) => setTitle(currentTarget.value)}
        />
        <FolderSelect value={folderUid} onChange={setFolderUid} />
        <TextInput
          label="Identifier (uid)"
          description="Part of the dashboard's address. Empty: a new uid is generated."
          value={uid}
          error={problem}
          onChange={({ currentTarget }) => setUid(currentTarget.value.trim())}
        />
        {taken !== undefined && <TakenChoice title={taken} choice={choice} onChoice={setChoice} />}
        <InputFields inputs={inputsOf(json)} sources={sources} values={values} onValues={onValues} />
        <ImportReportView report={report} />
        {save.error !== null && <ErrorMessage error={save.error} title="The dashboard was not imported" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onBack}>
            Another file
          </Button>
          <Button type="submit" loading={save.isPending} disabled={title.trim() === "" || problem !== undefined}>
            {taken !== undefined && choice === "overwrite" ? "Import and overwrite" : "Import"}
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}

function useImport() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: saveDashboard,
    onSuccess: ({ uid, url }) => {
      client.removeQueries({ queryKey: dashboardKey(uid) });
      void client.invalidateQueries({ queryKey: dashboardsKey });
      void navigate(routeOf(url, rootPath));
    },
  });
}

/** Returns the title of an existing dashboard with this uid, or undefined. */
function useTakenTitle(uid: string): string | undefined {
  const { data } = useQuery({
    queryKey: ["taken uid", uid],
    queryFn: async ({ signal }) => {
      try {
        const { dashboard } = await fetchDashboard(uid, signal);
        const { title } = dashboard as { readonly title?: unknown };
        return typeof title === "string" ? title : "";
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    enabled: uid !== "" && UID.test(uid),
    staleTime: 0,
  });
  return data ?? undefined;
}

type Choice = "overwrite" | "new";

function TakenChoice(props: { title: string; choice: Choice; onChoice: (choice: Choice) => void }) {
  const { title, choice, onChoice } = props;
  return (
    <Alert variant="light" color="yellow" title={`The dashboard “${title}” has this uid already`}>
      <Stack gap={6}>
        <Text size="sm">It will be overwritten. Its current state stays in the list of versions.</Text>
        <Checkbox
          label="Import as another dashboard instead, with a new uid"
          checked={choice === "new"}
          onChange={({ currentTarget }) => onChoice(currentTarget.checked ? "new" : "overwrite")}
        />
      </Stack>
    </Alert>
  );
}

function InputFields(props: {
  inputs: readonly DashboardInput[];
  sources: readonly SourceListing[];
  values: Readonly<Record<string, string>>;
  onValues: (values: Readonly<Record<string, string>>) => void;
}) {
  const { inputs, sources, values, onValues } = props;
  return inputs.map((input) => {
    const label = input.label === "" ? input.name : input.label;
    const set = (value: string): void => onValues({ ...values, [input.name]: value });
    if (input.type !== "datasource") {
      return (
        <TextInput
          key={input.name}
          label={label}
          description={input.description}
          value={values[input.name] ?? ""}
          onChange={({ currentTarget }) => set(currentTarget.value)}
        />
      );
    }
    const fitting = sources.filter(({ kind }) => input.pluginId === "" || kind.types.includes(input.pluginId));
    return (
      <Select
        key={input.name}
        label={label}
        description={input.description}
        placeholder={fitting.length === 0 ? `There is no data source of the type ${input.pluginId}` : "Choose a source"}
        error={
          fitting.length === 0 && `Add a data source of the type ${input.pluginId}, or the panels will have no data.`
        }
        allowDeselect={false}
        data={fitting.map((source) => ({ value: source.uid, label: source.name }))}
        value={values[input.name] ?? null}
        onChange={(value) => set(value ?? "")}
      />
    );
  });
}

/**
 * Returns the initial values of an import's inputs: the default data source of each type, and constants with their
 * exported values.
 */
function firstValues(
  inputs: readonly DashboardInput[],
  sources: readonly SourceListing[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    inputs.flatMap(({ name, type, pluginId, value }): [string, string][] => {
      if (type !== "datasource") return [[name, value]];
      const fitting = sources.filter(({ kind }) => pluginId === "" || kind.types.includes(pluginId));
      const usual = fitting.find(({ isDefault }) => isDefault) ?? fitting[0];
      return usual === undefined ? [] : [[name, usual.uid]];
    }),
  );
}
