/** The middle pane of Keys: the value of one key, looked at in several ways, and edited as a draft. */
import { type KeyVersion, limits } from "@softadastra/inspector-contract";
import { useMemo } from "react";
import { decodeText, encodeText, hexBytes } from "../../lib/bytes.ts";
import { copyText } from "../../lib/clipboard.ts";
import { formatBytes, formatCount, formatOffset } from "../../lib/format.ts";
import { useInspector } from "../../lib/inspector.ts";
import { formatJson, parseJson } from "../../lib/json-tree.ts";
import { useLayout } from "../../lib/layout.ts";
import { travelTo, useEditObstacle, useTravel } from "../../lib/travel.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { DirtyChip } from "../../ui/Chips.tsx";
import { HexView } from "../../ui/HexView.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { EmptyState, Notice } from "../../ui/Notice.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { CompareView } from "./CompareView.tsx";
import { useCompare } from "./compare-store.ts";
import { copyItems } from "./copy-items.ts";
import { DecodedView } from "./DecodedView.tsx";
import { DecoderMenu } from "./DecoderMenu.tsx";
import { openRules, ruleFor, useRules } from "./decoder-rules.ts";
import { autoTab, type DecoderId, decoderHint, decoderLabel, isImageKind, type ValueTab } from "./decoders.ts";
import { type Draft, edit, useDrafts } from "./drafts.ts";
import { HexEditor, TextEditor } from "./editors.tsx";
import { ImageViewer } from "./ImageViewer.tsx";
import { JsonViewer } from "./JsonViewer.tsx";
import { deleteShownKey, openDialog } from "./key-actions.ts";
import { SaveBar } from "./SaveBar.tsx";
import styles from "./ValuePane.module.css";
import {
  type DescribedKey,
  type JsonLook,
  type LoadedValue,
  loadAll,
  setJsonLook,
  setTab,
  showVersion,
  useValue,
  type VersionPlace,
} from "./value-store.ts";

const PANEL = "value-panel";

export function ValuePane() {
  const { key, described, failure } = useValue();
  const isComparing = useCompare((state) => state.sides !== null);
  if (key === null) return <NothingSelected />;
  return (
    <section className={styles.pane} aria-label="Value">
      {described !== null && <Head described={described} />}
      {failure !== null && (
        <Notice tone="damaged" role="alert">
          {failure}
        </Notice>
      )}
      {described !== null && (isComparing ? <CompareView /> : <Body key={key} described={described} />)}
    </section>
  );
}

function NothingSelected() {
  const session = useInspector((state) => state.session);
  return (
    <section className={styles.pane} aria-label="Value">
      <EmptyState title="No key selected">
        {session !== null && session.liveKeyCount + session.deletedKeyCount > 0
          ? "Choose a key on the left to see its value, its history and where it stands in the log."
          : "There is nothing to show yet."}
      </EmptyState>
    </section>
  );
}

function Head({ described }: { described: DescribedKey }) {
  const draft = useDrafts((state) => state.draftsByKey.get(useValue.getState().key ?? ""));
  const reason = useEditObstacle();
  const { isDetailsShown, toggleDetails } = useLayout();
  const value = useValue((state) => state.value);
  const { segments, text } = described.name;
  return (
    <div className={styles.head}>
      <h2 className={styles.crumbs} title={text}>
        {segments.map((segment, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a segment is known by its place alone.
          <Crumb key={i} segment={segment} isLast={i === segments.length - 1} />
        ))}
      </h2>
      <IconButton icon="copy" label="Copy the key" onClick={() => copyText(text)} />
      <span className={styles.grow} />
      {draft !== undefined && <DirtyChip>Unsaved draft</DirtyChip>}
      <IconButton
        icon="panel"
        label={isDetailsShown ? "Hide details" : "Show details"}
        shortcut="Mod+I"
        aria-expanded={isDetailsShown}
        onClick={toggleDetails}
      />
      <Menu
        label="More about this key"
        align="end"
        buttonClass={styles.more}
        items={[
          ...copyItems(value),
          {
            id: "rename",
            label: "Rename…",
            shortcut: "F2",
            icon: "pencil",
            disabledReason: described.isDeleted ? "The key is deleted" : reason,
            onChoose: () => openDialog("rename"),
          },
          {
            id: "delete",
            label: "Delete",
            shortcut: "Delete",
            icon: "trash",
            disabledReason: described.isDeleted ? "The key is deleted already" : reason,
            onChoose: () => void deleteShownKey(),
          },
        ]}
      >
        <span aria-hidden="true">⋯</span>
      </Menu>
    </div>
  );
}

/** One level of the name. Its separator stands outside, where a name that reads from right to left does not move it. */
function Crumb({ segment, isLast }: { segment: string; isLast: boolean }) {
  if (isLast) return <bdi className={styles.last}>{segment}</bdi>;
  return (
    <>
      <bdi>{segment.slice(0, -1)}</bdi>
      {segment.slice(-1)}
    </>
  );
}

function Body({ described }: { described: DescribedKey }) {
  const { key, value, versionOffset, place, tab, jsonLook } = useValue();
  const isTravelling = useTravel((state) => state.moment !== null);
  const rules = useRules((state) => state.rules);
  const kept = useDrafts((state) => state.draftsByKey.get(key ?? ""));
  // A draft is of the newest value: at another moment it is kept, and not shown.
  const draft = isTravelling ? undefined : kept;
  const isOld = versionOffset !== null;
  const bytes = (!isOld && draft !== undefined ? draft.bytes : value?.bytes) ?? null;
  const isWhole = value !== null && value.bytes.length === value.valueBytes;
  const guess = useMemo(() => autoTab(described.valueKind, bytes, isWhole), [described.valueKind, bytes, isWhole]);
  if (described.isUnwritten && place === null) return <UnwrittenKey described={described} />;
  const isDeleted = place === null ? described.isDeleted && draft === undefined : place.version.kind === "delete";
  if (isDeleted) return <DeletedKey described={described} place={place} />;
  if (value === null || bytes === null || key === null) return null;
  const rule = ruleFor(rules, described.name.text);
  const auto = rule?.decoder ?? guess;
  return (
    <Viewer
      described={described}
      value={value}
      bytes={bytes}
      base={{ key, name: described.name.text, baseBytes: value.bytes, baseSequence: value.sequence }}
      isOld={isOld}
      tab={tab}
      shown={tab === "auto" ? auto : tab}
      autoShown={auto}
      ruleGlob={rule?.glob ?? null}
      jsonLook={jsonLook}
    />
  );
}

/** The key as of a moment before its first record. */
function UnwrittenKey({ described }: { described: DescribedKey }) {
  const { current: first } = described;
  return (
    <div className={styles.body}>
      <EmptyState
        title={`${described.name.text} did not exist yet`}
        action={
          <Button onClick={() => void travelTo({ offset: first.offset })}>Go to #{formatCount(first.sequence)}</Button>
        }
      >
        It was first written by record #{formatCount(first.sequence)} at {formatOffset(first.offset)}.
      </EmptyState>
    </div>
  );
}

function DeletedKey({ described, place }: { described: DescribedKey; place: VersionPlace | null }) {
  const by = place?.version ?? described.current;
  const isBefore = ({ kind, offset }: KeyVersion) => kind === "put" && offset < by.offset;
  const before = place === null ? described.history.find(isBefore)?.offset : place.olderPut;
  return (
    <div className={styles.body}>
      <EmptyState
        title="This key is deleted"
        action={before != null && <Button onClick={() => showVersion(before)}>Show its last value</Button>}
      >
        Record #{formatCount(by.sequence)} deleted it. Its {before != null ? "earlier values are" : "delete is"} still
        in the log.
      </EmptyState>
    </div>
  );
}

interface ViewerProps {
  readonly described: DescribedKey;
  readonly value: LoadedValue;
  /** What is looked at: the saved value, an older one, or the draft. */
  readonly bytes: Uint8Array;
  readonly base: Omit<Draft, "bytes">;
  readonly isOld: boolean;
  readonly tab: ValueTab;
  readonly shown: DecoderId;
  readonly autoShown: DecoderId;
  /** The rule that names what Auto shows. */
  readonly ruleGlob: string | null;
  readonly jsonLook: JsonLook;
}

function Viewer(props: ViewerProps) {
  const { described, value, bytes, base, isOld, tab, shown, autoShown, ruleGlob, jsonLook } = props;
  const obstacle = useEditObstacle();
  const isTravelling = useTravel((state) => state.moment !== null);
  const decoded = useMemo(() => decodeText(bytes), [bytes]);
  const isWhole = value.bytes.length === value.valueBytes;
  const canEdit = obstacle === null && !isOld && isWhole && value.valueBytes <= limits.EDIT_BYTES_MAX;
  const isImage = isImageKind(described.valueKind);
  const json = useMemo(() => (shown === "json" && decoded.isText ? parseJson(decoded.text) : null), [shown, decoded]);
  const tabs = [
    { value: "auto", label: "Auto", hint: decoderHint(autoShown) },
    { value: "text", label: "Text" },
    { value: "json", label: "JSON" },
    { value: "hex", label: "Hex" },
    ...(isImage ? [{ value: "image", label: "Image" } as const] : []),
    ...(isMore(tab) ? [{ value: tab, label: decoderLabel(tab) }] : []),
  ] as const;
  const canFormat =
    canEdit && json?.ok === true && decoded.isText && formatJson(decoded.text, json.root) !== decoded.text.trimEnd();
  return (
    <>
      <Tabs
        label="Ways to see the value"
        tabs={tabs}
        value={tab === "image" && !isImage ? "auto" : tab}
        panelId={PANEL}
        onChange={setTab}
      >
        {tab === "auto" && ruleGlob !== null && (
          <button type="button" className={styles.rule} title="Change the rules" onClick={() => openRules(shown)}>
            by rule <code>{ruleGlob}</code>
          </button>
        )}
        <DecoderMenu tab={tab} shown={shown} />
        {shown === "json" && decoded.isText && (
          <Segmented
            label="JSON as"
            options={[
              { value: "tree", label: "Tree", isDisabled: json?.ok === false },
              { value: "source", label: "Source" },
            ]}
            value={json?.ok === false ? "source" : jsonLook}
            onChange={setJsonLook}
          />
        )}
        {shown === "json" && canEdit && (
          <Button
            kind="ghost"
            size="small"
            disabled={!canFormat}
            title={canFormat ? "Two spaces a level; numbers stay as they are written" : "Nothing to format"}
            onClick={() => {
              if (json?.ok && decoded.isText)
                edit({
                  ...base,
                  bytes: encodeText(`${formatJson(decoded.text, json.root)}${trailingBreak(decoded.text)}`),
                });
            }}
          >
            Format
          </Button>
        )}
      </Tabs>
      <Notes {...props} isWhole={isWhole} invalidAt={decoded.isText ? null : decoded.invalidAt} />
      <div id={PANEL} className={styles.body} role="tabpanel" aria-label={`Value as ${shown}`}>
        <Content {...props} canEdit={canEdit} decoded={decoded} isBroken={json?.ok === false} isWhole={isWhole} />
      </div>
      {!isOld && !isTravelling && <SaveBar savedBytes={described.current.valueBytes} />}
    </>
  );
}

/** Has a tab only while it is chosen. */
const isMore = (tab: ValueTab): tab is DecoderId => tab === "msgpack" || tab === "cbor" || tab.startsWith("text:");

const trailingBreak = (text: string) => /\n$/.exec(text)?.[0] ?? "";

/** What the reader must know before trusting what is below. */
function Notes({
  value,
  isOld,
  isWhole,
  invalidAt,
  bytes,
  shown,
}: ViewerProps & { isWhole: boolean; invalidAt: number | null }) {
  const isLoadingAll = useValue((state) => state.isLoadingAll);
  const tooLong = value.valueBytes > limits.EDIT_BYTES_MAX;
  const mode = useInspector((state) => state.session?.mode);
  const moment = useTravel((state) => state.moment);
  const hasDraft = useDrafts((state) => state.draftsByKey.has(useValue.getState().key ?? ""));
  return (
    <>
      {moment !== null && hasDraft && <Notice tone="info">Your draft of this key is kept for the latest state.</Notice>}
      {isOld && (
        <Notice
          tone="accent"
          actions={
            <Button size="small" onClick={() => showVersion(null)}>
              {moment === null ? "Newest version" : "Value as of then"}
            </Button>
          }
        >
          {moment !== null && value.offset > moment.offset ? (
            <>
              Record <b>#{formatCount(value.sequence)}</b> wrote this value later than the state that is shown.
            </>
          ) : (
            <>
              Value as of record <b>#{formatCount(value.sequence)}</b>. Older versions are read-only.
            </>
          )}
        </Notice>
      )}
      {!isWhole && (
        <Notice
          tone="info"
          actions={
            <Button size="small" kind="ghost" disabled={isLoadingAll} onClick={() => void loadAll()}>
              {isLoadingAll ? "Loading…" : "Load all"}
            </Button>
          }
        >
          Showing the first {formatCount(value.bytes.length)} of {formatBytes(value.valueBytes)}.
        </Notice>
      )}
      {tooLong && mode !== "inspect" && (
        <Notice tone="info">Values over {formatCount(limits.EDIT_BYTES_MAX)} bytes are shown, not edited, here.</Notice>
      )}
      {invalidAt !== null && isWhole && (shown === "text" || shown === "json") && (
        <Notice
          tone="torn"
          actions={
            <Button size="small" kind="ghost" onClick={() => setTab("hex")}>
              Show hex
            </Button>
          }
        >
          Not valid UTF-8 at byte {formatCount(invalidAt)} (
          <code>{hexBytes(bytes.slice(invalidAt, invalidAt + 4))}</code>). Bytes that are no text show as �; editing is
          off here.
        </Notice>
      )}
    </>
  );
}

type ContentProps = ViewerProps & {
  canEdit: boolean;
  isWhole: boolean;
  decoded: ReturnType<typeof decodeText>;
  isBroken: boolean;
};

function Content({
  described,
  bytes,
  base,
  shown,
  jsonLook,
  canEdit,
  decoded,
  isBroken,
  isWhole,
  autoShown,
  isOld,
  value,
}: ContentProps) {
  const isTravelling = useTravel((state) => state.moment !== null);
  const version = isOld ? value.offset : isTravelling ? "as of then" : "newest";
  const documentId = `${base.key}:${version}:${shown}:${isWhole}`;
  if (shown === "image" && isImageKind(described.valueKind)) {
    const { valueKind, name } = described;
    return <ImageViewer key={`${documentId}:${value.offset}`} bytes={bytes} kind={valueKind} name={name.text} />;
  }
  if (isMore(shown) || shown === "image") {
    const { text } = described.name;
    return <DecodedView decoder={shown} bytes={bytes} name={text} isWhole={isWhole} documentId={documentId} />;
  }
  if (shown === "hex") {
    if (canEdit) return <HexEditor documentId={documentId} base={base} bytes={bytes} />;
    return <HexView label={`Bytes of ${described.name.text}`} bytes={bytes} />;
  }
  if (shown === "json" && jsonLook === "tree" && decoded.isText && !isBroken) return <JsonViewer text={decoded.text} />;
  const isJson = shown === "json" || (shown === "text" && autoShown === "json");
  return (
    <TextEditor
      documentId={documentId}
      base={base}
      bytes={bytes}
      language={isJson ? "json" : "text"}
      checksJson={shown === "json"}
      isWhole={isWhole}
      isReadOnly={!canEdit || !decoded.isText}
    />
  );
}
