import { Button, Group, Stack, Text } from "@mantine/core";
import { type JsonObject, readDashboard } from "@narthex/dashboards";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorMessage, LoadingMessage } from "../../../shell/StatusMessage.tsx";
import { fetchDashboard } from "../../data/dashboard-api.ts";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { ChangeList } from "../changes/ChangeList.tsx";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import type { Save } from "./use-save.ts";
import { dashboardKey } from "../../data/dashboard-queries.ts";

/** Offers solutions if another user has saved the dashboard since it was opened. */
export function ConflictView(props: { json: JsonObject; save: Save; onCopy: () => void; onClose: () => void }) {
  const { json, save, onCopy, onClose } = props;
  const { dashboard, folderUid, dispatch, forgetOwn } = useDashboardEdit();
  const { sources } = useDashboardContext();
  const client = useQueryClient();
  const [isShown, setShown] = useState(false);
  const theirs = useQuery({
    queryKey: [...dashboardKey(dashboard.uid), "stored"],
    queryFn: async ({ signal }) => {
      const stored = await fetchDashboard(dashboard.uid, signal);
      return { meta: stored.meta, source: (await readDashboard(stored.dashboard, { sources })).dashboard.source };
    },
    staleTime: 0,
  });
  const reload = async (): Promise<void> => {
    dispatch({ type: "discard" });
    await forgetOwn();
    await client.resetQueries({ queryKey: dashboardKey(dashboard.uid) });
  };
  return (
    <Stack gap="sm">
      <Text size="sm">
        {theirs.data?.meta.updatedBy ?? "Somebody"} has saved version {theirs.data?.meta.version ?? "…"} since you
        opened version {String(json["version"])}. Your changes are not lost: look at the differences, then choose.
      </Text>
      {theirs.error !== null && <ErrorMessage error={theirs.error} />}
      {isShown && theirs.data === undefined && theirs.error === null && <LoadingMessage />}
      {isShown && theirs.data !== undefined && (
        <div>
          <Text size="sm" fw={600}>
            From their version to yours
          </Text>
          <ChangeList before={theirs.data.source} after={json} />
        </div>
      )}
      <Group gap="xs" justify="flex-end">
        <Button variant="default" data-autofocus onClick={() => setShown(!isShown)} aria-expanded={isShown}>
          {isShown ? "Hide the differences" : "Show the differences"}
        </Button>
        <Button variant="default" onClick={onClose}>
          Continue editing
        </Button>
        <Button variant="default" onClick={() => void reload()}>
          Use their version
        </Button>
        <Button variant="default" onClick={onCopy}>
          Save mine as a copy
        </Button>
        <Button
          color="red.8"
          loading={save.isPending}
          onClick={() => {
            const message = save.variables?.message ?? "";
            save.mutate({ dashboard: json, folderUid, message, overwrite: true });
          }}
        >
          Overwrite their version
        </Button>
      </Group>
    </Stack>
  );
}
