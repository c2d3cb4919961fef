/**
 * Catches links and forms that would open another window, after the page's own handlers have seen the event. The
 * function is self-contained, because its source is run inside the page, in the preload's world of every frame.
 *
 * @param {(details: { url: string, frameName: string, features: string, disposition: string }) => void} openWindow
 */
export function guardLinks(openWindow) {
  const namesOwnWindow = (target) =>
    ["", "_self", "_parent", "_top"].includes(target.toLowerCase()) ||
    [...document.getElementsByName(target)].some((element) => element.contentWindow);

  const dispositionOf = (event, target) => {
    if (event.button === 1 || event.ctrlKey || event.metaKey) return "background-tab";
    if (event.shiftKey) return "new-window";
    return namesOwnWindow(target) ? undefined : "foreground-tab";
  };
  const frameNameOf = (target) => (target.toLowerCase() === "_blank" || namesOwnWindow(target) ? "" : target);
  const baseTarget = () => document.querySelector("base[target]")?.target ?? "";

  const onClick = (event) => {
    if (event.defaultPrevented || event.button > 1) return;
    const isLink = (node) => node instanceof HTMLAnchorElement || node instanceof HTMLAreaElement;
    const link = event.composedPath().find((node) => isLink(node) && node.href);
    if (!link || link.download) return;
    const target = link.target || baseTarget();
    const disposition = dispositionOf(event, target);
    if (!disposition) return;
    event.preventDefault();
    openWindow({ url: link.href, frameName: frameNameOf(target), features: "", disposition });
  };
  const onSubmit = (event) => {
    if (event.defaultPrevented || !(event.target instanceof HTMLFormElement)) return;
    const target = event.submitter?.formTarget || event.target.target || baseTarget();
    if (namesOwnWindow(target)) return;
    event.preventDefault();
    const url = event.submitter?.hasAttribute("formaction") ? event.submitter.formAction : event.target.action;
    openWindow({ url, frameName: frameNameOf(target), features: "", disposition: "foreground-tab" });
  };
  addEventListener("click", onClick);
  addEventListener("auxclick", onClick);
  addEventListener("submit", onSubmit);
}
