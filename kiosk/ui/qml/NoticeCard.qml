// Something is the matter: what, and what to do now.
import QtQuick

Rectangle {
    id: card

    property var notice: null
    property bool tight: false

    visible: notice !== null && notice !== undefined
    height: column.height + 28
    radius: 20
    color: bridge.theme.warm
    border.width: 3
    border.color: bridge.theme.accent

    Column {
        id: column
        x: 24
        y: 14
        width: card.width - 48
        spacing: 2

        Words {
            width: parent.width
            text: card.notice ? card.notice.what : ""
            size: card.tight ? 30 : 32
            weight: Font.DemiBold
        }
        Words {
            width: parent.width
            text: card.notice ? card.notice.do : ""
            size: card.tight ? 26 : 28
        }
    }
}
