// Something is the matter: what, and what to do now. In the largest type that its room allows.
import QtQuick

Rectangle {
    id: card

    property var notice: null
    property real room: 0
    property bool tight: false
    readonly property real edge: tight ? 12 : 22
    readonly property real inner: width - 48

    visible: notice !== null && notice !== undefined
    height: Math.min(room, what.height + Math.ceil(whole.implicitHeight) + 2 * edge + 4)
    radius: 24
    color: bridge.theme.warm
    border.width: 5
    border.color: bridge.theme.accent

    Words {
        id: what
        x: 24
        y: card.edge
        width: card.inner
        text: card.notice ? card.notice.what : ""
        size: card.tight ? (stage.larger ? 32 : 36) : stage.larger && !stage.portrait ? 36 : 44
        lineHeight: 0.95
        weight: Font.Bold
    }
    Words {
        x: 24
        y: what.y + what.height + 4
        width: card.inner
        height: card.height - y - card.edge
        text: whole.text
        size: whole.size
        least: 26
        fontSizeMode: Text.Fit
    }
    Words {
        id: whole
        visible: false
        width: card.inner
        text: card.notice ? card.notice.do : ""
        size: card.tight || (stage.larger && !stage.portrait) ? 34 : 40
    }
}
