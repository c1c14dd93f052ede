import './app.css'
import { openApp } from './open_app'

void openApp()
