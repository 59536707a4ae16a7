import { Modal, Stack, Text, TextInput } from "@mantine/core";
import type { JsonObject } from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";
import { Pick, PickList } from "../../../query/PickList.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../../shell/StatusMessage.tsx";
import { matchesSearch } from "../../../shell/text-search.ts";
import { useAdding } from "./use-adding.ts";

interface LibraryElement {
  readonly uid: string;
  readonly name: string;
  readonly kind: number;
  readonly type: string;
  readonly description: string;
  readonly model: JsonObject;
}

/** Value of `kind` for panels in Grafana's API of library elements. */
const PANEL_KIND = 1;

async function fetchLibrary(signal: AbortSignal): Promise<readonly LibraryElement[]> {
  const { result } = await fetchJson<{ result: { elements: readonly LibraryElement[] } }>(
    `${rootPath}/api/library-elements`,
    { params: { perPage: 1000 }, signal },
  );
  return result.elements.filter(({ kind }) => kind === PANEL_KIND);
}

/** A dialog that adds a library panel, whose definition several dashboards share. */
export default function LibraryPanelModal({ onClose }: { onClose: () => void }) {
  const { addFromLibrary } = useAdding();
  const [text, setText] = useState("");
  const { data, error } = useQuery({
    queryKey: ["library panels"],
    queryFn: ({ signal }) => fetchLibrary(signal),
    staleTime: 0,
  });
  const fitting = (data ?? []).filter(({ name }) => matchesSearch(name.toLowerCase(), text.trim().toLowerCase()));
  return (
    <Modal opened onClose={onClose} title="Library panels" size="lg">
      <Stack gap="sm">
        <TextInput
          aria-label="Search"
          placeholder="Search"
          data-autofocus
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        {error !== null && <ErrorMessage error={error} />}
        {data === undefined && error === null && <LoadingMessage />}
        {data !== undefined && fitting.length === 0 && (
          <EmptyMessage title={data.length === 0 ? "The library is empty" : "No panel has this name"} />
        )}
        <PickList>
          {fitting.map(({ uid, name, type, description, model }) => (
            <Pick
              key={uid}
              onClick={() => {
                addFromLibrary({ ...model, libraryPanel: { uid, name } });
                onClose();
              }}
            >
              {name}{" "}
              <Text span size="xs" c="dimmed">
                {type} {description}
              </Text>
            </Pick>
          ))}
        </PickList>
      </Stack>
    </Modal>
  );
}
