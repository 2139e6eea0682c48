// The one question of the page, and what to do about it.
import QtQuick

Column {
    id: heading

    readonly property var beside: bridge.screen.beside ?? []
    // The question alone, where there is no room: the band at the foot tells how to choose, too.
    property bool brief: false

    spacing: 4

    Words {
        width: heading.width
        text: bridge.screen.question ?? ""
        size: stage.larger && !stage.portrait ? 56 : 64
        weight: Font.Bold
        lineHeight: 0.95
    }
    Words {
        width: heading.width
        visible: text && !heading.brief
        text: bridge.screen.instruction ?? ""
        color: bridge.theme.muted
        size: 40
        lineHeight: 0.95
    }
    Words {
        width: heading.width
        visible: heading.beside.length > 0
        topPadding: 6
        text: heading.beside.join(". ")
        color: bridge.theme.muted
        size: 30
        lineHeight: 0.95
    }
}
