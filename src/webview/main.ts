import './styles/main.css';
import { listen, type EditorApi } from './border.ts';
import { Panel } from './panel.ts';

declare function acquireVsCodeApi(): EditorApi;

const editor = acquireVsCodeApi();
const panel = new Panel(editor);
document.body.append(panel.element);
listen((message) => panel.receive(message));
editor.postMessage({ type: 'ready' });
