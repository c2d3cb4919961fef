/**
 * Tells the main process the page's title, which no DevTools event does. The function is self-contained, because its
 * source is run inside the page, in the preload's world.
 *
 * @param {(title: string) => void} tell
 */
export function watchTitle(tell) {
  if (window !== window.top) return;
  let told = "";
  const look = () => {
    if (document.title === told) return;
    told = document.title;
    tell(told);
  };
  const start = () => {
    look();
    // The head alone: it hardly ever changes, where the body may change all the time.
    if (document.head)
      new MutationObserver(look).observe(document.head, { subtree: true, childList: true, characterData: true });
  };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start, { once: true });
  else start();
}
