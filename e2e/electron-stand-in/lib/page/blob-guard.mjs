/**
 * Holds back navigations of the page to blob: addresses, which Chromium makes without a request that could be stopped,
 * until the app has been asked. The function is self-contained, because its source is run inside the page, in the
 * preload's world.
 *
 * @param {(url: string) => Promise<boolean>} mayNavigate
 */
export function guardBlobs(mayNavigate) {
  if (window !== window.top) return;
  let allowed = "";
  navigation.addEventListener("navigate", (event) => {
    const { url } = event.destination;
    if (!url.startsWith("blob:") || url === allowed || !event.cancelable) return;
    event.preventDefault();
    mayNavigate(url).then((isAllowed) => {
      if (!isAllowed) return;
      allowed = url;
      location.assign(url);
    });
  });
}
