/** What a browser has and jsdom has not, as far as JupyterLab's modules need it to be imported. */
class DragEvent extends MouseEvent {}

class Observer {
  observe = () => undefined;
  unobserve = () => undefined;
  disconnect = () => undefined;
}

const noMedia = (media: string) => Object.assign(new EventTarget(), { media, matches: false, onchange: null });

Object.assign(globalThis, { DragEvent, IntersectionObserver: Observer, ResizeObserver: Observer, matchMedia: noMedia });

export {};
