import { UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { DrawnKind } from "../../../contracts/panel-kind.ts";
import type { PanelData } from "../../../data/panel-data.ts";
import { OptionsPane } from "../options/OptionsPane.tsx";
import { usePanelEditing } from "../panel-edit-context.ts";
import { kindEdits, type KindState, kindStateOf } from "./change-kind.ts";
import { KindPicker } from "./KindPicker.tsx";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./KindPane.module.css";

const css = classesOf(styles);

export function KindPane({
  kind,
  data,
}: {
  /** The current kind of the panel; undefined if the kind is unknown. */
  kind: DrawnKind | undefined;
  data: PanelData;
}) {
  const { panel, edit } = usePanelEditing();
  const [isPicking, setPicking] = useState(false);
  const [states, setStates] = useState<Readonly<Record<string, KindState>>>({});
  const { data: module } = useQuery({
    queryKey: ["panel-kind", kind?.id],
    queryFn: () => kind!.load(),
    enabled: kind !== undefined,
    staleTime: Infinity,
  });
  // The refs contain the newest panel and the selected kind, because both may change while the code of a kind is
  // loading. Leaving the editor clears the selected kind.
  const current = useRef(panel);
  const picked = useRef<string>(undefined);
  useEffect(() => void (current.current = panel), [panel]);
  useEffect(() => () => void (picked.current = undefined), []);
  const pick = async (next: DrawnKind): Promise<void> => {
    setPicking(false);
    picked.current = next.id;
    const loaded = await next.load();
    const { type } = current.current;
    if (picked.current !== next.id || next.id === type) return;
    const known = Object.hasOwn(states, next.id) ? states[next.id] : undefined;
    setStates((before) => ({ ...before, [type]: kindStateOf(current.current) }));
    edit((now) => kindEdits(now, next.id, loaded, known));
  };
  const name = kind?.name ?? panel.type;
  return (
    <aside className={css("side")} aria-label="Options of the panel">
      <UnstyledButton
        className={css("kind")}
        aria-expanded={isPicking}
        aria-label={`Visualization: ${name}`}
        onClick={() => setPicking(!isPicking)}
      >
        <span>{name}</span>
        <IconChevronDown size={16} aria-hidden />
      </UnstyledButton>
      {isPicking ? (
        <KindPicker current={panel.type} data={data} onPick={(next) => void pick(next)} />
      ) : (
        <OptionsPane key={kind?.id} module={module} kindName={name} isFed={kind?.isFed ?? true} />
      )}
    </aside>
  );
}
