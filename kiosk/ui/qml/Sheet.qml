// A white sheet of paper to put things on.
import QtQuick

Rectangle {
    radius: 36
    color: bridge.theme.card
    border.width: 2
    border.color: bridge.theme.rule
}
