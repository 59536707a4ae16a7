import { Modal, Text, TextInput, VisuallyHidden } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useQueries } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useEffectEvent, useId, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { addressWithin } from "../../api/address-below.ts";
import { rootPath } from "../../api/root-path.ts";
import { errorSentence } from "../StatusMessage.tsx";
import { classesOf } from "../style-sheet.ts";
import { type FoundPlace, MAX_PLACES, type PaletteProvider } from "./palette-provider.ts";
import styles from "./Palette.module.css";

const css = classesOf(styles);

/** Time without a key press after which a text is searched, ms. */
const PAUSE_MS = 120;

interface Group {
  readonly provider: PaletteProvider;
  readonly places: readonly FoundPlace[];
  readonly problem?: string;
}

/** Asks all providers. A provider that fails does not hide the places of the others. */
function useGroups(providers: readonly PaletteProvider[], text: string) {
  const answers = useQueries({
    queries: providers.map(({ name, find }) => ({
      queryKey: ["palette", name, text],
      queryFn: ({ signal }: { signal: AbortSignal }) => find(text, signal),
      placeholderData: keepPreviousData,
      staleTime: 30_000,
    })),
  });
  const groups = providers.map((provider, at): Group => {
    const { data = [], error } = answers[at]!;
    return error === null
      ? { provider, places: data.slice(0, MAX_PLACES) }
      : { provider, places: [], problem: errorSentence(error) };
  });
  return {
    groups,
    isSearching: answers.some(({ isFetching }) => isFetching),
    isOfText: answers.every(({ isPending, isPlaceholderData }) => !isPending && !isPlaceholderData),
  };
}

/** Matches paths below the root of a program that belong to other pages than the program's own. */
const FOREIGN = /^\/(?:docs|sources)\//;

/** Returns the path of an address within this app; undefined if the address needs a new document. */
function ownPath(href: string): string | undefined {
  const path = addressWithin(rootPath, href);
  return path === undefined || FOREIGN.test(path) ? undefined : path;
}

/** Returns a function that opens an address: without a new document if the page belongs to this app. */
function useOpenAddress(onOpened: () => void): (href: string, isNewTab: boolean) => void {
  const navigate = useNavigate();
  return (href, isNewTab) => {
    const path = ownPath(href);
    if (isNewTab) window.open(href, "_blank", "noopener");
    else if (path === undefined) location.assign(href);
    else void navigate(path);
    if (!isNewTab) onOpened();
  };
}

/**
 * A dialog that finds pages, dashboards and more by their names. Arrow keys select a place, Enter opens it, and Ctrl or
 * Command with Enter opens it in a new tab.
 */
export function Palette({ providers, onClose }: { providers: readonly PaletteProvider[]; onClose: () => void }) {
  const [text, setText] = useState("");
  const [sought] = useDebouncedValue(text.trim(), PAUSE_MS);
  const [selected, select] = useState(0);
  const { groups, isSearching, isOfText } = useGroups(providers, sought);
  // The user has pressed Enter before the places of the text were found.
  const [isAwaited, setAwaited] = useState(false);
  const isFound = isOfText && sought === text.trim();
  const places = groups.flatMap((group) => group.places);
  const chosen = Math.min(selected, places.length - 1);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const open = useOpenAddress(onClose);
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && places.length > 0) select((chosen + step + places.length) % places.length);
    else if (event.key === "Enter" && !isFound) setAwaited(true);
    else if (event.key === "Enter" && places[chosen] !== undefined)
      open(places[chosen].href, event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  };
  const openAwaited = useEffectEvent(() => {
    if (places[chosen] !== undefined) open(places[chosen].href, false);
  });
  useEffect(() => {
    if (isAwaited && isFound) openAwaited();
  }, [isAwaited, isFound]);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  });
  const status = isSearching ? "Searching" : `${places.length} result${places.length === 1 ? "" : "s"}`;
  return (
    <Modal opened onClose={onClose} title="Find" size="lg" yOffset="10vh" padding="sm">
      <TextInput
        data-autofocus
        role="combobox"
        aria-label="Find dashboards, pages, metrics and documentation"
        aria-expanded={places.length > 0}
        aria-controls={id}
        aria-autocomplete="list"
        {...(places.length > 0 ? { "aria-activedescendant": `${id}-${chosen}` } : {})}
        placeholder="Find dashboards, pages, metrics and documentation"
        leftSection={<IconSearch size={16} aria-hidden />}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          setAwaited(false);
          select(0);
        }}
        onKeyDown={press}
      />
      <VisuallyHidden role="status">{status}</VisuallyHidden>
      <div ref={list} id={id} role="listbox" aria-label="Results" className={css("results")}>
        <Groups groups={groups} id={id} chosen={chosen} onSelect={select} onOpen={open} />
      </div>
      {places.length === 0 && !isSearching && (
        <Text size="sm" c="dimmed" px={10}>
          Nothing has this name.
        </Text>
      )}
      {groups.map(
        ({ provider, problem }) =>
          problem !== undefined && (
            <Text key={provider.name} size="xs" c="dimmed" px={10} className="wrap-anywhere">
              {provider.name} could not be searched: {problem}
            </Text>
          ),
      )}
    </Modal>
  );
}

function Groups({
  groups,
  id,
  chosen,
  onSelect,
  onOpen,
}: {
  groups: readonly Group[];
  id: string;
  /** Index of the selected place among the places of all groups. */
  chosen: number;
  onSelect: (index: number) => void;
  onOpen: (href: string, isNewTab: boolean) => void;
}) {
  const shown = groups.filter(({ places }) => places.length > 0);
  return shown.map(({ provider: { name, icon: PlaceIcon }, places }, at) => {
    const before = shown.slice(0, at).reduce((sum, group) => sum + group.places.length, 0);
    return (
      <div key={name} role="group" aria-label={name} className={css("group")}>
        <div className={css("heading")} aria-hidden>
          {name}
        </div>
        {places.map(({ title, hint, href }, index) => (
          <a
            key={href}
            id={`${id}-${before + index}`}
            role="option"
            aria-selected={before + index === chosen}
            tabIndex={-1}
            href={href}
            className={css("place")}
            onPointerMove={() => onSelect(before + index)}
            onClick={(event) => {
              // The browser opens a new tab itself.
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              onOpen(href, false);
            }}
          >
            <PlaceIcon size={16} aria-hidden />
            <span className={css("title")}>{title}</span>
            {hint !== undefined && <span className={css("hint")}>{hint}</span>}
          </a>
        ))}
      </div>
    );
  });
}
