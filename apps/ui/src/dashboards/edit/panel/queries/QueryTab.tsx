import { Button, Group, Text } from "@mantine/core";
import { IconMathFunction, IconPlus } from "@tabler/icons-react";
import { type DataSourceRef, findSource, type JsonObject } from "@narthex/dashboards";
import { useState } from "react";
import { useDashboardContext } from "../../../data/dashboard-context.ts";
import { usePanelEditing } from "../panel-edit-context.ts";
import { listAtPath } from "../panel-edit.ts";
import { BLANK_EXPRESSION, EXPRESSION } from "./query-kinds.ts";
import { QueryOptions } from "./QueryOptions.tsx";
import { MIXED, SourcePick } from "./SourcePick.tsx";
import { freeRefId, refOf, targetsOf } from "./target-list.ts";
import { TargetCard } from "./TargetCard.tsx";
import { classesOf } from "../../../../shell/style-sheet.ts";
import { itemMoved } from "../../list-order.ts";
import styles from "./QueryTab.module.css";

const css = classesOf(styles);

export function QueryTab() {
  const { panel, edit, sources } = usePanelEditing();
  const { lookupFor } = useDashboardContext();
  const lookup = lookupFor();
  const [dragged, setDragged] = useState<number>();
  const targets = targetsOf(panel.source);
  const list = listAtPath(panel.source, ["targets"]);
  const ownRef = panel.datasource ?? targets.map(({ json }) => refOf(json)).find((ref) => ref?.type !== EXPRESSION);
  const isMixed = ownRef?.uid === MIXED;
  const source = isMixed ? sources.find(({ isDefault }) => isDefault) : findSource(ownRef, sources, lookup);
  const setTargets = (next: readonly unknown[]): void => edit([{ path: ["targets"], value: next }]);

  const add = (blank: JsonObject, ref: DataSourceRef | undefined): void => {
    const made = { refId: freeRefId(targets), ...(ref === undefined ? {} : { datasource: ref }) };
    setTargets([...list, { ...made, ...blank }]);
  };
  const refForNew: DataSourceRef | undefined =
    isMixed || ownRef === undefined ? source && { type: source.type, uid: source.uid } : ownRef;
  const chooseSource = (ref: DataSourceRef): void => {
    const edits = ref.uid === MIXED ? [] : targets.filter(({ json }) => refOf(json)?.type !== EXPRESSION);
    edit([
      { path: ["datasource"], value: ref },
      ...edits.map(({ at }) => ({ path: ["targets", at, "datasource"], value: ref })),
    ]);
  };
  return (
    <div className={css("queries")}>
      <div className={css("head")}>
        <SourcePick label="Data source" value={ownRef} hasMixed onChange={chooseSource} />
        <QueryOptions />
      </div>
      {targets.length === 0 && (
        <Text size="sm" c="dimmed">
          This panel has no queries yet. Add a query.
        </Text>
      )}
      {targets.map((target, index) => (
        <TargetCard
          key={target.at}
          target={target}
          ownRef={ownRef}
          isMixed={isMixed}
          others={targets.filter(({ at }) => at !== target.at).map(({ refId }) => refId)}
          isFirst={index === 0}
          isLast={index === targets.length - 1}
          isDragged={dragged === target.at}
          onDrag={setDragged}
          onDrop={() => {
            if (dragged !== undefined) setTargets(itemMoved(list, dragged, target.at));
            setDragged(undefined);
          }}
          onMove={(by) => setTargets(itemMoved(list, target.at, targets[index + by]?.at ?? target.at))}
          onRemove={() => setTargets(list.toSpliced(target.at, 1))}
          onDuplicate={() => setTargets(list.toSpliced(target.at + 1, 0, copyOf(target.json, freeRefId(targets))))}
        />
      ))}
      <Group gap="xs">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => add(source?.kind.blankQuery ?? {}, refForNew)}
        >
          Add query
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconMathFunction size={14} />}
          onClick={() => add(BLANK_EXPRESSION, { type: EXPRESSION, uid: EXPRESSION })}
        >
          Expression
        </Button>
      </Group>
    </div>
  );
}

const copyOf = (json: JsonObject, refId: string): JsonObject => ({ ...json, refId });
